//! Who besides the members may reach the hosts, as a person writes it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Cidr;

/// Who besides the members of the cluster may reach its hosts. What members must reach of each other is
/// open to exactly them, and `from` of a listener says who its clients are.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirewallSpec {
    /// Networks of the people who run the cluster: they reach ZooKeeper's client port on every server, and each
    /// listener whose `from` is a list of networks on every broker.
    #[serde(default)]
    pub admin: Vec<Cidr>,
    /// What collects metrics.
    pub monitoring: Option<MonitoringSpec>,
}

/// What collects metrics.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonitoringSpec {
    /// Networks that the metrics are asked from.
    pub from: Vec<Cidr>,
    /// Ports of the exporters that every host runs, 1–65535, such as 9100 for that of the host. The port
    /// of ZooKeeper's own exporter is known from its settings.
    #[serde(default)]
    pub ports: Vec<u16>,
}

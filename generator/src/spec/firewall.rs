//! Who besides the members may reach the hosts, as a person writes it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Cidr;

/// Who besides the members of the cluster may reach its hosts. The ports that members need of each other are open
/// to the members alone, and `from` of a listener says who its clients are.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirewallSpec {
    /// Networks of the people who run the cluster. They reach ZooKeeper's client port on every server, and on every
    /// broker each listener whose `from` is a list of networks. One network more or less restarts every ZooKeeper
    /// server and every broker that it reaches, but for brokers with a listener for everybody: the networks are in the
    /// address filter of the unit, and these have none.
    #[serde(default)]
    pub admin: Vec<Cidr>,
    /// What collects metrics.
    pub monitoring: Option<MonitoringSpec>,
}

/// What collects metrics.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MonitoringSpec {
    /// Networks that ask for the metrics. One network more or less restarts every server, but for brokers with a
    /// listener for everybody.
    pub from: Vec<Cidr>,
    /// Ports of the exporters that every host runs, 1–65535, such as 9100 for that of the host. The port
    /// of ZooKeeper's own exporter is known from its settings. Another port here restarts no server.
    #[serde(default)]
    pub ports: Vec<u16>,
}

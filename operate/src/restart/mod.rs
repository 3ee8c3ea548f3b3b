//! Whether servers of a host may restart now: whether quorum and min ISR hold without them. Nobody is asked and nothing
//! is done here; the guard of a host and a rollout follow the same rules.

mod broker;
mod server;
mod well;
#[cfg(test)]
mod tests;

use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::pins::Product;
use kafnix_generator::role::Role;
use serde::Serialize;

use crate::snapshot::Snapshot;
pub use well::{down, unwell};

/// What is to hold while a broker is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// No partition falls below its `min.insync.replicas`.
    #[default]
    MinIsr,
    /// The same, and no partition is under-replicated when the broker goes.
    NoUrp,
}

/// What speaks against a restart, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// It would take away what holds now.
    pub refusals: Vec<String>,
    /// It takes away what can never be kept while this server is away.
    pub warnings: Vec<String>,
}

impl Judgement {
    pub fn may_restart(&self) -> bool {
        self.refusals.is_empty()
    }

    fn refuse(&mut self, why: String) {
        self.refusals.push(why);
    }

    fn warn(&mut self, why: String) {
        self.warnings.push(why);
    }
}

/// Judges a restart of the servers of a host that have these roles.
pub fn judge(
    cluster: &Cluster,
    snapshot: &Snapshot,
    host: &Host,
    roles: &[Role],
    policy: Policy,
) -> Judgement {
    let mut judgement = Judgement::default();
    for role in roles {
        match role.product() {
            Product::ZooKeeper => server::judge(cluster, snapshot, host, &mut judgement),
            Product::Kafka => broker::judge(cluster, snapshot, host, policy, &mut judgement),
        }
    }
    judgement
}

/// Whether the ensemble has a quorum, as far as it can be seen.
pub(crate) fn has_quorum(cluster: &Cluster, snapshot: &Snapshot) -> bool {
    if cluster.ensemble().external {
        return snapshot.registry.is_ok();
    }
    cluster.electorate().has_quorum(|id| server::serves(cluster, snapshot, id))
}

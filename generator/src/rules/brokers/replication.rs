//! How many replicas there are and how many must answer, for the rules about both; no rule itself.

use std::iter;

use crate::cluster::{Brokers, Model, Settings, Sourced, Topic};
use crate::keys::KAFKA;
use crate::resolve::Draft;
use crate::role::Role;
use crate::spec::Setting;

pub(in crate::rules) const OFFSETS_FACTOR: &str = "offsets.topic.replication.factor";
pub(in crate::rules) const TRANSACTIONS_FACTOR: &str = "transaction.state.log.replication.factor";
pub(in crate::rules) const TRANSACTIONS_MIN_ISR: &str = "transaction.state.log.min.isr";
pub(in crate::rules) const MIN_ISR: &str = "min.insync.replicas";

/// Every broker that the spec means, hosts that do not exist included: those are reported elsewhere.
pub(in crate::rules) fn brokers(draft: &Draft<'_>) -> i64 {
    i64::try_from(draft.members(Role::Broker).len()).unwrap_or(i64::MAX)
}

/// Whether a min ISR above the number of replicas stops writes.
pub(in crate::rules) fn min_isr_stops_writes(cluster: &Model) -> bool {
    cluster.brokers().any(|(_, broker)| !broker.bounds_min_isr())
}

/// The settings of all brokers, and those of each broker that has one of these keys of its own.
pub(in crate::rules) fn scopes<'a>(
    cluster: &'a Model,
    kafka: &'a Brokers,
    keys: &'a [&str],
) -> impl Iterator<Item = Scope<'a>> {
    let has_own = |own: &Settings| keys.iter().any(|key| own.contains_key(*key));
    let own = cluster.brokers().map(|(_, broker)| &broker.settings).filter(move |own| has_own(own));
    let of_all = Scope { own: &kafka.settings, of_all: &kafka.settings };
    iter::once(of_all).chain(own.map(|own| Scope { own, of_all: &kafka.settings }))
}

/// What holds on some brokers.
pub(in crate::rules) struct Scope<'a> {
    own: &'a Settings,
    of_all: &'a Settings,
}

/// A number that holds, with the place where the author wrote it, if so.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Number<'a> {
    pub(in crate::rules) value: i64,
    pub(in crate::rules) pointer: Option<&'a str>,
}

impl<'a> Scope<'a> {
    /// The number of a key, which is Kafka's default without its line; nothing where its value is not a number.
    pub(in crate::rules) fn number(&self, key: &str) -> Option<Number<'a>> {
        let setting = self.own.get(key).or_else(|| self.of_all.get(key));
        let value = match setting.filter(|setting| setting.value != Setting::Absent) {
            Some(setting) => setting.value.integer()?,
            None => KAFKA.newest(key)?.default.as_deref()?.parse().ok()?,
        };
        Some(Number { value, pointer: setting.and_then(Sourced::pointer) })
    }
}

/// How many replicas of a topic must have a record: its own setting, else that of the brokers.
pub(in crate::rules) fn min_isr_of<'a>(topic: &'a Topic, kafka: &Brokers) -> Number<'a> {
    let own = topic.settings.get(MIN_ISR).and_then(|own| Some((own.value.integer()?, own.pointer())));
    let (value, pointer) = own.unwrap_or((kafka.min_insync_replicas.value.into(), None));
    Number { value, pointer }
}

//! Not more replicas must answer than there are.

use crate::rules::prelude::*;
use crate::rules::brokers::replication::{
    OFFSETS_FACTOR, TRANSACTIONS_FACTOR, TRANSACTIONS_MIN_ISR, min_isr_stops_writes, scopes,
};
use crate::rules::settings::settings_view::by_hand;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K310",
        severity: Error,
        title: "min ISR above the replication factor, or 0",
        why: "`min.insync.replicas` says how many replicas must have a record before `acks=all` is answered. Where \
              it is above the number of replicas, Kafka up to 3.6 refuses every such record; from 3.7 on it \
              silently takes the number of replicas instead (Partition, `effectiveMinIsr`). Offsets of consumer \
              groups and the log of transactions are written in this way.",
        help: "use at least 1 and at most the replication factor; one below it lets one broker be down",
    },
    check,
};

/// What the default min ISR comes from.
const DEFAULTS: [&str; 2] = ["default.replication.factor", "min.insync.replicas"];

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(kafka) = &draft.cluster.kafka else { return };
    let (factor, min_isr) = (kafka.replication_factor.value, &kafka.min_insync_replicas);
    if let Some(place) = min_isr.pointer().filter(|_| min_isr.value == 0 || min_isr.value > factor.max(1)) {
        let title = format!("{} in-sync replicas are asked of {factor}", min_isr.value);
        let label = format!("the replication factor is {factor}");
        found.add(found.problem(title).at(place, label).help(help(factor.into())));
    }

    let keys = [TRANSACTIONS_FACTOR, TRANSACTIONS_MIN_ISR];
    for scope in scopes(&draft.cluster, kafka, &keys) {
        let numbers = (scope.number(TRANSACTIONS_FACTOR), scope.number(TRANSACTIONS_MIN_ISR));
        let (Some(factor), Some(min_isr)) = numbers else { continue };
        if let Some(place) = min_isr.pointer.or(factor.pointer).filter(|_| min_isr.value > factor.value) {
            let (factor, min_isr) = (factor.value, min_isr.value);
            let title =
                format!("{min_isr} in-sync replicas are asked of {factor} for the log of transactions");
            let label = format!("`{}` is {min_isr}, `{}` {factor}", keys[1], keys[0]);
            let fewer = (factor - 1).max(1);
            let help = format!("set `{}` to {fewer}, or `{}` to {min_isr} or more", keys[1], keys[0]);
            found.add(found.problem(title).at(place, label).help(help));
        }
    }

    let is_chosen = min_isr.pointer().is_some() || !by_hand(draft, &DEFAULTS);
    if is_chosen && min_isr_stops_writes(&draft.cluster) {
        for scope in scopes(&draft.cluster, kafka, &[OFFSETS_FACTOR]) {
            let Some(factor) = scope.number(OFFSETS_FACTOR) else { continue };
            let too_few = factor.value < min_isr.value.into();
            if let Some(place) = factor.pointer.filter(|_| too_few) {
                let (factor, min_isr) = (factor.value, min_isr.value);
                let title =
                    format!("no consumer can commit: {min_isr} in-sync replicas are asked of {factor}");
                let help = format!(
                    "use {min_isr} or more; where the topic is there already it keeps the replicas that it has: write \
                     `\"minInsyncReplicas\": {factor}` in `kafka`"
                );
                found.add(found.problem(title).at(place, "replicas of `__consumer_offsets`").help(help));
            }
        }
    }
}

fn help(factor: i64) -> String {
    match factor {
        ..2 => "use 1, or more replicas".to_owned(),
        _ => format!("use 1 to {factor}; {} lets one broker be down", factor - 1),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn min_isr(min_isr: u32) -> Value {
        json!({ "kafka": { "minInsyncReplicas": min_isr } })
    }

    fn settings(settings: &Value) -> Value {
        json!({ "kafka": { "settings": settings } })
    }

    #[test]
    fn none_and_more_than_replicas_are_refused() {
        breaks(&RULE, min_isr(0));
        assert_eq!(breaks(&RULE, min_isr(4)).title, "4 in-sync replicas are asked of 3");
    }

    #[test]
    fn one_and_all_are_possible() {
        holds(&RULE, min_isr(1));
        holds(&RULE, min_isr(3));
    }

    #[test]
    fn the_log_of_transactions_has_a_factor_of_its_own() {
        let one = breaks(&RULE, settings(&json!({ "transaction.state.log.replication.factor": 1 })));
        assert!(one.help.starts_with("set `transaction.state.log.min.isr` to 1, or "), "{}", one.help);
        breaks(&RULE, settings(&json!({ "transaction.state.log.min.isr": 4 })));
        let both =
            json!({ "transaction.state.log.replication.factor": 1, "transaction.state.log.min.isr": 1 });
        holds(&RULE, settings(&both));
    }

    #[test]
    fn old_brokers_take_no_offsets_below_the_min_isr() {
        let spec = |version: &str| {
            let kafka = json!({ "settings": { "offsets.topic.replication.factor": 1 } });
            json!({ "versions": { "kafka": version }, "kafka": kafka })
        };
        let problem = breaks(&RULE, spec("3.6.2"));
        assert!(problem.title.starts_with("no consumer can commit"));
        assert!(problem.help.ends_with("write `\"minInsyncReplicas\": 1` in `kafka`"), "{}", problem.help);
        holds(&RULE, spec("3.7.0"));
        // what the default is for is not yet said
        let mut by_hand = spec("3.6.2");
        by_hand["kafka"]["settings"]["default.replication.factor"] = json!(1);
        holds(&RULE, by_hand);
    }
}

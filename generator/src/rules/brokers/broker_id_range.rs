//! A broker's id is one that Kafka takes.

use crate::role::Role;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K301",
        severity: Error,
        title: "broker id out of range",
        why: "Kafka reads `broker.id` as a 32-bit integer and refuses a negative one where it does not make ids \
              itself (KafkaConfig, `broker.id must be equal or greater than 0`). 0 is valid, and so is an id above \
              1000, since `broker.id.generation.enable` is false.",
        help: "use an id from 0 to 2147483647, or leave `id` out: kafnix then takes the lowest free one",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for (host, broker) in draft.cluster.brokers() {
        let id = broker.id.value;
        if !(0..=Role::Broker.largest_id()).contains(&id) {
            let problem = found.problem(format!("{} cannot have broker id {id}", host.name));
            let place = broker.id.pointer().unwrap_or(&broker.pointer);
            found.add(problem.at(place, "0 to 2147483647 are possible"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn id(id: i64) -> Value {
        json!({ "kafka": { "hosts": { "a": { "id": id } } } })
    }

    #[test]
    fn a_negative_id_and_one_over_32_bits_are_refused() {
        assert_eq!(breaks(&RULE, id(-1)).title, "a cannot have broker id -1");
        breaks(&RULE, id(2_147_483_648));
    }

    #[test]
    fn zero_and_ids_over_a_thousand_serve() {
        holds(&RULE, id(0));
        holds(&RULE, id(2_147_483_647));
    }
}

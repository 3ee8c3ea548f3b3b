//! A server tells its launcher how it is.

use kafnix_protocol::four_letter_words::SRVR;

use crate::rules::prelude::*;
use crate::rules::ensemble::four_letter_words;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K215",
        severity: Error,
        title: "a ZooKeeper server may not answer `srvr`",
        why: "The launcher asks each server `srvr`: its own to say when it serves, those of the other hosts to \
              say whether a majority is there. A server that may not answer never counts as up. \
              `4lw.commands.whitelist` names the words that are answered.",
        help: "name `srvr` in `4lw.commands.whitelist`, or leave the key out and get kafnix's list",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    four_letter_words::without(draft, found, &[SRVR]);
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn words(value: &Value) -> Value {
        json!({ "zookeeper": { "settings": { "4lw.commands.whitelist": value } } })
    }

    #[test]
    fn a_list_without_srvr_is_refused() {
        let problem = breaks(&RULE, words(&json!(["ruok", "mntr"])));
        assert_eq!(problem.title, "ZooKeeper may not answer `srvr` on a, b and c");
        breaks(&RULE, words(&json!("")));
        let own = json!({ "a": {}, "b": { "settings": { "4lw.commands.whitelist": "ruok" } } });
        let problem = breaks(&RULE, json!({ "zookeeper": { "hosts": own } }));
        assert!(problem.title.ends_with("`srvr` on b"), "{}", problem.title);
    }

    #[test]
    fn srvr_all_words_and_zookeepers_own_list_are_fine() {
        for value in [json!("ruok, srvr"), json!(["srvr"]), json!("*"), Value::Null] {
            holds(&RULE, words(&value));
        }
        holds(&RULE, json!({}));
    }
}

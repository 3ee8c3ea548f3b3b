//! A server tells `kafnix verify` what it asks.

use kafnix_protocol::four_letter_words::{CONF, MNTR};

use crate::rules::prelude::*;
use crate::rules::ensemble::four_letter_words;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K216",
        severity: Warning,
        title: "a ZooKeeper server does not answer all that `kafnix verify` asks",
        why: "`kafnix verify` asks `mntr` for who follows and is synced, and `conf` for the server's id and its \
              members. Where a server may not answer, these checks cannot be made. \
              `4lw.commands.whitelist` names the words that are answered; ZooKeeper's own list is `srvr`.",
        help: "name `mntr` and `conf` in `4lw.commands.whitelist`, or leave the key out and get kafnix's list",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    four_letter_words::without(draft, found, &[MNTR, CONF]);
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
    fn a_list_without_one_of_them_is_told() {
        let problem = breaks(&RULE, words(&json!(["srvr", "mntr"])));
        assert_eq!(problem.title, "ZooKeeper may not answer `conf` on a, b and c");
        let problem = breaks(&RULE, words(&Value::Null));
        assert_eq!(problem.title, "ZooKeeper may not answer `mntr` and `conf` on a, b and c");
    }

    #[test]
    fn kafnixs_list_and_all_words_are_fine() {
        holds(&RULE, json!({}));
        holds(&RULE, words(&json!("srvr,mntr,conf")));
        holds(&RULE, words(&json!("*")));
    }
}

//! Which four-letter words a server answers, for the rules about who asks them; no rule itself.

use std::collections::BTreeMap;

use kafnix_protocol::four_letter_words::{WHITELIST, unanswered};

use crate::rules::message::and;
use crate::rules::prelude::*;

/// One problem for each place that keeps servers from answering one of `asked`.
pub(in crate::rules) fn without(draft: &Draft<'_>, found: &mut Found, asked: &[&'static str]) {
    let mut silent: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for (host, server) in draft.cluster.servers().filter(|(host, _)| host.managed.value) {
        let setting = draft.cluster.setting(server, WHITELIST);
        let words = setting.and_then(|setting| setting.value.plain());
        let missing = unanswered(words.as_deref(), asked);
        if missing.is_empty() {
            continue;
        }
        let at = setting.and_then(|setting| setting.pointer()).unwrap_or(&server.pointer);
        silent.entry(at).or_insert((missing, Vec::new())).1.push(&host.name);
    }
    for (at, (missing, hosts)) in silent {
        let missing = and(missing.into_iter().map(|word| format!("`{word}`")));
        let problem = found.problem(format!("ZooKeeper may not answer {missing} on {}", and(hosts)));
        found.add(problem.at(at, "these words are answered"));
    }
}

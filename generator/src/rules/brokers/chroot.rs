//! The chroot is a path that ZooKeeper takes.

use crate::rules::hosts::cluster_name::is_name;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K316",
        severity: Error,
        title: "invalid ZooKeeper chroot",
        why: "A broker exits with a path that ZooKeeper's client refuses (PathUtils, `validatePath`): one without a \
              leading `/`, with an empty, `.` or `..` part, with a `/` at its end, or with characters that it does not \
              allow. Below `/zookeeper` ZooKeeper keeps its own data. A `,` is read as the start of another server, \
              and Kafka cuts blanks off the end of the line (ConfigDef).",
        help: "use a path like `/kafka`, or `/` for the root",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let Some(chroot) = &draft.spec.kafka.chroot else { return by_default(draft, found) };
    if let Some(fault) = fault(chroot) {
        let problem = found.problem(format!("{chroot:?} is not a valid chroot: {fault}"));
        let problem = problem.at("/kafka/chroot", "this path");
        found.add(match way_out(chroot) {
            Some(path) => problem.help(format!("write `{path}`")),
            None => problem,
        });
    }
}

/// The name of the cluster, below the root. What is no name is told by a rule of its own.
fn by_default(draft: &Draft<'_>, found: &mut Found) {
    let (Some(kafka), name) = (&draft.cluster.kafka, &draft.cluster.name.value) else { return };
    if let Some(fault) = fault(&kafka.chroot.value).filter(|_| is_name(name)) {
        let title = format!("the chroot is `{}` by default, which is not valid: {fault}", kafka.chroot.value);
        let problem = found.problem(title).at("/name", "the chroot where the spec names none");
        found.add(problem.help("write a `chroot` under `kafka`, like `/kafka`, or another `name`"));
    }
}

fn fault(chroot: &str) -> Option<String> {
    if chroot == "/" {
        return None;
    }
    let Some(path) = chroot.strip_prefix('/') else { return Some("it does not start with `/`".to_owned()) };
    if path.ends_with('/') {
        return Some("it ends with `/`".to_owned());
    }
    if let Some(part) = path.split('/').find(|part| matches!(*part, "" | "." | "..")) {
        let part = if part.is_empty() { "is empty".to_owned() } else { format!("is `{part}`") };
        return Some(format!("a part of it {part}"));
    }
    if let Some(letter) = path.chars().find(|letter| *letter == ',' || !is_text(*letter)) {
        return Some(format!("it holds {letter:?}"));
    }
    if path.split('/').next() == Some("zookeeper") {
        return Some("ZooKeeper keeps its own data there".to_owned());
    }
    path.ends_with(|last: char| last <= ' ').then(|| "it ends with a blank".to_owned())
}

/// What ZooKeeper takes: it looks at UTF-16, where everything from U+10000 on is two surrogates.
fn is_text(letter: char) -> bool {
    !matches!(letter, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..)
}

/// The path with a `/` where it belongs, if that is all that is wrong.
fn way_out(chroot: &str) -> Option<String> {
    let path = format!("/{}", chroot.trim_matches('/'));
    fault(&path).is_none().then_some(path)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use crate::problem::Place;
    use serde_json::{Value, json};

    fn chroot(path: &str) -> Value {
        json!({ "kafka": { "chroot": path } })
    }

    #[test]
    fn what_zookeeper_refuses_is_refused() {
        for (path, fault) in [
            ("", "start with"),
            ("kafka", "start with"),
            ("/a/", "ends with `/`"),
            ("/a//b", "is empty"),
            ("/a/../b", "is `..`"),
            ("/.", "is `.`"),
            ("/a\tb", "it holds '\\t'"),
            ("/a😀", "it holds"),
            ("/a,b:2181", "it holds ','"),
            ("/a ", "ends with a blank"),
            ("/zookeeper/kafka", "its own data"),
        ] {
            let title = breaks(&RULE, chroot(path)).title;
            assert!(title.contains(fault), "{title}");
        }
    }

    #[test]
    fn a_slash_in_the_wrong_place_is_put_right() {
        assert_eq!(breaks(&RULE, chroot("kafka/")).help, "write `/kafka`");
    }

    #[test]
    fn a_name_that_is_no_chroot_is_told_at_the_name() {
        let problem = breaks(&RULE, json!({ "name": "zookeeper" }));
        assert_eq!(problem.labels[0].place, Place::Pointer("/name".into()));
        holds(&RULE, json!({ "name": "zookeeper", "kafka": { "chroot": "/kafka" } }));
        holds(&RULE, json!({ "name": "zookeeper-2" }));
        holds(&RULE, json!({ "name": "a//b" }));
    }

    #[test]
    fn the_root_and_any_other_path_are_taken() {
        for path in ["/", "/kafka", "/a/b.c", "/..a", "/größe", "/zookeeper2"] {
            holds(&RULE, chroot(path));
        }
    }
}

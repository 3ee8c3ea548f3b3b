//! A directory is an absolute path that a unit can be given and that keeps what is written to it.

use crate::rules::storage::dirs;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K401",
        severity: Error,
        title: "a directory cannot hold a server's data",
        why: "A path stands in systemd units, where `%` and blanks have a meaning of their own, and in `log.dirs`, \
              where a comma ends it; systemd takes absolute paths without `..` only (systemd.exec(5), \
              ReadWritePaths=). What lies below /tmp, /run or /dev is gone after a reboot, NixOS owns /nix, /boot, \
              /etc and /usr, and the units' sandbox hides /home and /root (ProtectHome=). The unit makes its \
              directory its user's own, with mode 0750, so it must not be /var, /srv, /mnt or another directory that \
              is shared.",
        help: "name an absolute path of letters, digits, `.`, `_` and `-`, best on a disk of its own, like \
               `/data/kafka1`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for dir in dirs::written(draft) {
        if let Some(reason) = dirs::unusable(dir.path) {
            let title = format!("`{}` cannot be {}: {reason}", dir.path, dir.purpose.phrase());
            let problem = found.problem(title).at(dir.pointer, reason);
            found.add(match dirs::plain(dir.path) {
                Some(path) => problem.help(format!("write `{path}`")),
                None => problem,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    fn title(path: &str) -> String {
        breaks(&RULE, json!({ "kafka": { "logDirs": [path] } })).title
    }

    #[test]
    fn a_path_that_a_unit_cannot_take_is_refused_with_the_reason() {
        for (path, reason) in [
            ("", "empty"),
            ("data/kafka", "relative"),
            ("/", "root of all files"),
            ("/data/", "ends with `/`"),
            ("/data//kafka", "`//`"),
            ("/data/./kafka", "`.`"),
            ("/data/../kafka", "`..`"),
            ("/data/kafka 1", "' '"),
            ("/data/a,/data/b", "','"),
            ("/data/%h", "'%'"),
            ("/data/\u{fc}", "'ü'"),
        ] {
            assert!(title(path).contains(reason), "{}", title(path));
        }
    }

    #[test]
    fn a_path_with_too_much_in_it_is_told_without_that() {
        for path in ["/data/kafka/", "/data//kafka", "/data/./kafka", " /data/kafka", "/data/kafka   # one disk"] {
            let problem = breaks(&RULE, json!({ "kafka": { "logDirs": [path] } }));
            assert_eq!(problem.help, "write `/data/kafka`", "{path}");
        }
        for path in ["/data/a,/data/b", "/tmp/", "data/kafka", "/data/../kafka", "/"] {
            let problem = breaks(&RULE, json!({ "kafka": { "logDirs": [path] } }));
            assert_eq!(problem.help, RULE.diagnostic.help, "{path}");
        }
    }

    #[test]
    fn what_does_not_last_is_refused() {
        for root in [
            "/nix",
            "/tmp",
            "/var/tmp",
            "/boot",
            "/run",
            "/var/run",
            "/var/lock",
            "/bin",
            "/sbin",
            "/lib",
            "/lib64",
            "/usr",
            "/proc",
            "/sys",
            "/dev",
            "/etc",
            "/home",
            "/root",
        ] {
            assert!(title(root).contains(root));
            assert!(title(&format!("{root}/kafka")).contains(root));
        }
    }

    #[test]
    fn what_others_live_in_is_not_taken_over_and_a_directory_below_it_is_fine() {
        for shared in ["/var", "/var/lib", "/var/log", "/var/cache", "/var/spool", "/srv", "/opt", "/mnt", "/media"] {
            assert!(title(shared).contains("below it"), "{}", title(shared));
            holds(&RULE, json!({ "kafka": { "logDirs": [format!("{shared}/own")] } }));
        }
    }

    #[test]
    fn a_directory_that_only_begins_with_such_letters_is_fine() {
        holds(
            &RULE,
            json!({ "kafka": { "logDirs": ["/tmpfs-not/kafka", "/data.d/kafka_1-b", "/var/lib/k"] } }),
        );
    }

    #[test]
    fn every_kind_is_looked_at_where_it_is_written_and_shared_ones_once() {
        let problems = says(
            &RULE,
            json!({
                "zookeeper": { "dataDir": "/tmp/z", "dataLogDir": "/run/z", "hosts": {
                    "a": { "dataDir": "z" }, "b": { "dataLogDir": "z" } } },
                "kafka": { "logDirs": ["/ok", "/dev/k"], "hosts": { "a": { "logDirs": ["k"] }, "b": {} } }
            }),
        );
        let places: Vec<_> =
            problems.iter().map(|problem| format!("{:?}", problem.labels[0].place)).collect();
        let expected = [
            "/zookeeper/dataDir",
            "/zookeeper/dataLogDir",
            "/zookeeper/hosts/a/dataDir",
            "/zookeeper/hosts/b/dataLogDir",
            "/kafka/logDirs/1",
            "/kafka/hosts/a/logDirs/0",
        ];
        assert_eq!(places, expected.map(|at| format!("Pointer({at:?})")));
    }

    #[test]
    fn a_host_of_another_system_keeps_its_paths() {
        holds(
            &RULE,
            json!({ "hosts": { "a": { "managed": false } },
                    "kafka": { "hosts": { "a": { "logDirs": ["/tmp/kafka"] }, "b": {} } } }),
        );
    }
}

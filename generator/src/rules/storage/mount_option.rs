//! A mount option is one word that leaves the disk mounted and writable.

use crate::rules::storage::disks;
use crate::rules::prelude::*;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K421",
        severity: Error,
        title: "unusable mount option for a data disk",
        why: "The options stand in /etc/fstab, joined by commas, where a blank ends them. A server writes to its \
              disk, so it cannot use one that is read-only or never mounted.",
        help: "write each option as a word of its own, like `\"noatime\"`, and leave out `ro` and `noauto`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for disk in disks::written(draft) {
        for (index, option) in disk.disk.options.iter().flatten().enumerate() {
            let fault = match option.as_str() {
                "" => "it is empty",
                "ro" | "noauto" => "the server needs the disk, and writes to it",
                _ if option.chars().any(|part| part.is_whitespace() || part.is_control() || part == ',') => {
                    "it holds a blank or a comma"
                }
                _ => continue,
            };
            let problem = found.problem(format!("{option:?} is not a usable option of a data disk: {fault}"));
            found.add(problem.at(format!("{}/options/{index}", disk.at), fault));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn what_fstab_or_a_server_cannot_take_is_refused() {
        for option in ["", "a b", "a\nb", "noatime,nofail", "ro", "noauto"] {
            breaks(&RULE, json!({ "disks": { "/data": { "label": "a", "options": [option] } } }));
        }
    }

    #[test]
    fn words_are_fine() {
        let options = ["noatime", "nofail", "x-systemd.device-timeout=5s", "logbsize=256k"];
        holds(&RULE, json!({ "disks": { "/data": { "label": "a", "options": options } } }));
    }
}

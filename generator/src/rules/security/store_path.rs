//! A file for TLS is one of the host's own, and no key lies in the Nix store.

use crate::rules::prelude::*;
use crate::spec::TlsSpec;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K903",
        severity: Error,
        title: "a path of `tls` that no host can have",
        why: "The path stands in a systemd unit and is read there as root. It is absolute, and has none but letters, \
              digits and `/._-`. What lies in /nix/store every user of the host can read, and so can whoever gets a \
              copy of the system: a private key has no place there.",
        help: "name an absolute path outside /nix/store that root alone can read, such as \
               `/var/lib/kafnix-tls/{host}.pem`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    let of_hosts = draft.spec.hosts.iter().map(|(name, host)| (pointer(["hosts", name, "tls"]), &host.tls));
    for (at, tls) in std::iter::once((pointer(["tls"]), &draft.spec.tls)).chain(of_hosts) {
        for (key, path, fault) in faults(tls) {
            let problem = found.problem(format!("`{path}` cannot be `{key}`: {fault}"));
            found.add(problem.at(format!("{at}/{key}"), fault));
        }
    }
}

fn faults(tls: &TlsSpec) -> impl Iterator<Item = (&'static str, &str, &'static str)> {
    let files = [("keyStore", tls.key_store.as_deref()), ("trustStore", tls.trust_store.as_deref())];
    files.into_iter().filter_map(|(key, path)| Some((key, path?, fault(key, path?)?)))
}

fn fault(key: &str, path: &str) -> Option<&'static str> {
    let plain = path.replace("{host}", "");
    let odd = |letter: char| !(letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    match path {
        _ if !path.starts_with('/') => Some("it is not absolute"),
        _ if plain.contains(odd) => Some("it has a character that a unit cannot take"),
        _ if path.split('/').any(|part| part == "..") => Some("it has `..`"),
        _ if path.ends_with('/') => Some("it is a directory"),
        _ if key == "keyStore" && path.starts_with("/nix/store/") => {
            Some("every user can read what lies in the Nix store")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn a_path_that_is_none_of_a_hosts_own_is_refused() {
        for path in ["key.pem", "", "/x/{name}.pem", "/x y", "/x/%h.pem", "/x/../y", "/x/", "/nix/store/x-key.pem"] {
            let problem = breaks(&RULE, json!({ "tls": { "keyStore": path } }));
            assert!(problem.title.starts_with(&format!("`{path}` cannot be `keyStore`")), "{}", problem.title);
            breaks(&RULE, json!({ "hosts": { "a": { "tls": { "keyStore": path } } } }));
        }
        breaks(&RULE, json!({ "tls": { "trustStore": "ca.pem" } }));
    }

    #[test]
    fn authorities_are_no_secret() {
        holds(&RULE, json!({ "tls": { "keyStore": "/x/{host}.pem", "trustStore": "/nix/store/x-ca.pem" } }));
    }
}

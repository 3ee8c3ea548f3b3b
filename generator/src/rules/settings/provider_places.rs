//! Where Kafka's own providers find a value: at another place they find none, and the broker keeps the text
//! of the reference. For the rule about references; no rule itself.

use std::path::{Component, Path, PathBuf};

use crate::references::Reference;

const ENV: &str = "EnvVarConfigProvider";
const DIRECTORY: &str = "DirectoryConfigProvider";
const FILE: &str = "FileConfigProvider";

/// Why a provider of this class finds nothing there, and what to write; `allowed`: its `allowed.paths`.
pub(in crate::rules) fn nothing_there(
    reference: &Reference<'_>,
    class: &str,
    allowed: &str,
) -> Option<(String, String)> {
    let Reference { provider, path, key } = *reference;
    let (fault, place) = match class {
        ENV => (without_path(path, key), "NAME"),
        DIRECTORY => (with_path(path, key, allowed), "/DIRECTORY:FILE"),
        FILE => (with_path(path, key, allowed), "/FILE:KEY"),
        _ => return None,
    };
    Some((format!("{} (`{class}`)", fault?), format!("write `${{{provider}:{place}}}`")))
}

/// `EnvVarConfigProvider` ends the broker where there is a path.
fn without_path(path: &str, key: &str) -> Option<String> {
    if !path.is_empty() {
        return Some(format!("an environment variable has no path, and this one has `{path}`"));
    }
    key.is_empty().then(|| "it names no variable".to_owned())
}

/// As `FileConfigProvider` and `DirectoryConfigProvider` read it, with `AllowedPaths`.
fn with_path(path: &str, key: &str, allowed: &str) -> Option<String> {
    if path.is_empty() {
        return Some("it names no path, or nothing at it".to_owned());
    }
    if key.is_empty() {
        return Some(format!("it names nothing at `{path}`"));
    }
    if !path.starts_with('/') {
        return Some(format!("`{path}` is below whatever directory the broker runs in"));
    }
    let allowed: Vec<&str> = allowed.split(',').filter(|_| !allowed.is_empty()).collect();
    // Kafka does not trim them.
    if let Some(relative) = allowed.iter().find(|allowed| !allowed.starts_with('/')) {
        return Some(format!("`{relative}` of its `allowed.paths` is not absolute, which ends the broker"));
    }
    let shut_out = !allowed.is_empty() && !allowed.iter().any(|it| normal(path).starts_with(normal(it)));
    shut_out.then(|| format!("`{path}` is in none of its `allowed.paths`"))
}

/// Without `.` and `..`, as Java's `Path.normalize` reads an absolute path.
fn normal(path: &str) -> PathBuf {
    Path::new(path).components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::references;

    fn fault(reference: &str, class: &str, allowed: &str) -> String {
        let reference = references(reference).next().unwrap();
        nothing_there(&reference, class, allowed).map(|(fault, _)| fault).unwrap_or_default()
    }

    #[test]
    fn a_place_has_a_path_and_what_is_at_it() {
        for class in [FILE, DIRECTORY] {
            assert_eq!(fault("${p:/run/s:key}", class, ""), "");
            assert!(fault("${p:/run/s}", class, "").starts_with("it names no path"), "{class}");
            assert!(fault("${p::key}", class, "").starts_with("it names no path"), "{class}");
            assert!(fault("${p:/run/s:}", class, "").starts_with("it names nothing at"), "{class}");
            assert!(fault("${p:run/s:key}", class, "").starts_with("`run/s` is below"), "{class}");
            assert_eq!(fault("${p:/run/s:key}", class, "/etc,/run"), "");
            assert_eq!(fault("${p:/etc/../run/s:key}", class, "/run/x/.."), "");
            assert!(fault("${p:/run/s:key}", class, "/run, /etc").starts_with("` /etc` of its"), "{class}");
            for other in ["/etc", "/run/secrets", "/run/s2,/ru"] {
                assert!(fault("${p:/run/s:key}", class, other).contains("allowed.paths"), "{class} {other}");
            }
            for outside in ["${p:/run/s/../x:key}", "${p:/run/s/..:key}"] {
                assert!(fault(outside, class, "/run/s").contains("in none of its"), "{outside} {class}");
            }
        }
    }

    #[test]
    fn a_variable_has_a_name_alone() {
        assert_eq!(fault("${env:NAME}", ENV, ""), "");
        assert!(fault("${env:/x:NAME}", ENV, "").contains("has no path"));
        assert!(fault("${env:}", ENV, "").contains("no variable"));
    }

    #[test]
    fn of_other_providers_nothing_is_known() {
        assert_eq!(fault("${vault:x}", "com.example.Vault", ""), "");
    }
}

//! A jar that the spec adds to a class path is a file that the hosts' configuration can take along.

use std::collections::BTreeMap;

use crate::problem::Problem;
use crate::role::Role;
use crate::rules::prelude::*;
use crate::spec::Spec;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K431",
        severity: Error,
        title: "invalid path in `extraJars`",
        why: "The jars of `extraJars` go into the Nix store with the configuration of the hosts, which finds them \
              by their paths from the spec. Such a path of Nix is relative and has only letters, digits, `.`, `_`, \
              `-` and `+`. `:` would separate two entries of the class path, and the JVM ignores a file whose name \
              does not end with `.jar`. Packages of nixpkgs and whole folders are added in a machine file \
              (`services.kafnix.kafka.extraJars`).",
        help: "put the jar into the repository and write its path from the spec, such as `jars/reporter.jar`",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for role in Role::ALL {
        let at = |index: usize| format!("/{}/extraJars/{index}", role.key());
        let mut first: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for (index, path) in draft.spec.of_all(role).extra_jars.iter().enumerate() {
            if let Some(fault) = fault(path) {
                let problem = found.problem(format!("`{path}` in `{}.extraJars` {fault}", role.key()));
                found.add(problem.at(at(index), fault));
            } else if let Some(first) = first.insert(resolved(path), index) {
                let problem = found.problem(format!("`{path}` stands twice in `{}.extraJars`", role.key()));
                found.add(
                    problem.at(at(index), "here again").at(at(first), "first here").help("take one out"),
                );
            }
        }
    }
}

/// Of files nothing is known here: who reads them reports it.
pub const NO_JAR: Diagnostic = Diagnostic {
    code: "K432",
    severity: Error,
    title: "an entry of `extraJars` is no jar in the repository of the spec",
    why: "The hosts' configuration takes the jars along from the repository that the spec lies in, by their paths \
          from the spec. A flake sees nothing outside of its repository, so no host can be evaluated where a path \
          leads out of it or names a file that is not there. The JVM silently ignores an entry of its class path \
          that is no jar, such as a folder of jars or an empty file, and the class that it should have is missing \
          as the server starts.",
    help: "put the jar there and add it to the repository (git add), or correct the path",
};

/// A jar that the spec names, by a path that can be one.
#[derive(Clone, Debug)]
pub struct Jar {
    pub pointer: String,
    /// From the spec.
    pub path: String,
}

impl Jar {
    /// What is wrong with the file.
    pub fn problem(&self, title: impl Into<String>, label: &str, help: &str) -> Problem {
        NO_JAR.problem(title).at(self.pointer.as_str(), label).help(help)
    }
}

/// Each jar of a spec once, but for those that the rule refuses.
pub(crate) fn jars(spec: &Spec) -> Vec<Jar> {
    let mut jars = Vec::new();
    for role in Role::ALL {
        let mut seen = BTreeMap::new();
        for (index, path) in spec.of_all(role).extra_jars.iter().enumerate() {
            if fault(path).is_none() && seen.insert(resolved(path), index).is_none() {
                jars.push(Jar { pointer: format!("/{}/extraJars/{index}", role.key()), path: path.clone() });
            }
        }
    }
    jars
}

/// The parts of a path without those that lead nowhere.
fn resolved(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| *part != ".") {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts
}

fn fault(path: &str) -> Option<&'static str> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-+/".contains(it);
    let name = path.rsplit('/').next().unwrap_or_default();
    if path.starts_with('/') {
        Some("is absolute: the hosts are built from the repository alone")
    } else if !path.chars().all(is_plain) {
        Some("has a character that a path of Nix cannot have")
    } else if path.split('/').any(str::is_empty) {
        Some("has an empty part")
    } else {
        // As the JVM and the modules look for it.
        let is_jar = name.strip_suffix(".jar").is_some_and(|name| !name.is_empty()) && !name.starts_with('.');
        (!is_jar).then_some("names no jar")
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::testing::{breaks, holds};
    use serde_json::json;

    #[test]
    fn a_path_that_no_host_could_take_along_is_refused() {
        for path in [
            "/opt/a.jar",
            "jars/a b.jar",
            "jars/a:b.jar",
            "jars//a.jar",
            "jars/",
            "jars/*",
            "a.zip",
            "x/.jar",
            "",
        ] {
            breaks(&RULE, json!({ "kafka": { "extraJars": [path] } }));
            breaks(&RULE, json!({ "zookeeper": { "extraJars": ["a.jar", path] } }));
        }
    }

    #[test]
    fn a_jar_that_stands_twice_is_told_however_it_is_written() {
        let problem = breaks(&RULE, json!({ "kafka": { "extraJars": ["a.jar", "b.jar", "./x/../a.jar"] } }));
        assert_eq!(problem.title, "`./x/../a.jar` stands twice in `kafka.extraJars`");
        holds(&RULE, json!({ "kafka": { "extraJars": ["a.jar", "../a.jar", "../../a.jar", "x/a.jar"] } }));
        holds(&RULE, json!({ "kafka": { "extraJars": ["a.jar"] }, "zookeeper": { "extraJars": ["a.jar"] } }));
    }

    #[test]
    fn a_jar_beside_the_spec_or_above_is_fine() {
        let paths = json!(["a.jar", "./jars/a-1.0+b.jar", "../../jars/a_1.jar"]);
        holds(&RULE, json!({ "kafka": { "extraJars": paths } }));
    }
}

//! What a spec must be before it becomes a cluster. One rule, one file, one code: why, check,
//! message and two tests together. A rule reads the draft and nothing else; it never looks at
//! what other rules found.

mod brokers;
mod changes;
mod ensemble;
mod hosts;
pub(crate) use hosts::names;
pub(crate) use settings::extra_jars::jars;
pub use settings::extra_jars::{Jar, NO_JAR};
pub use topics::topic_name::fault as topic_name_fault;
mod message;
mod security;
mod settings;
mod storage;
#[cfg(test)]
pub(crate) mod testing;
mod topics;
mod versions;

use std::collections::BTreeSet;
use std::ops::Deref;

use indexmap::IndexMap;
use serde::Serialize;

use crate::cluster::Model;
use crate::diagnostic::Diagnostic;
use crate::pins::pins;
use crate::problem::{Place, Problem, Severity, pointer};
use crate::resolve::Draft;
use crate::resolve::relocate::{self, Elsewhere};
use crate::{lock, spec};

/// What the file of a rule needs.
pub(crate) mod prelude {
    pub(crate) use super::{Found, Rule};
    pub(crate) use crate::diagnostic::Diagnostic;
    pub(crate) use crate::problem::{Severity::*, pointer};
    pub(crate) use crate::resolve::{Draft, Gap};
}

#[derive(Debug)]
pub struct Rule {
    pub diagnostic: Diagnostic,
    pub check: fn(&Draft<'_>, &mut Found),
}

/// What a rule has found so far.
#[derive(Debug)]
pub struct Found {
    diagnostic: &'static Diagnostic,
    problems: Vec<Problem>,
}

impl Found {
    pub fn diagnostic(&self) -> &'static Diagnostic {
        self.diagnostic
    }

    pub fn add(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A problem of this rule; add it with [`Found::add`] once it has its places.
    pub fn problem(&self, title: impl Into<String>) -> Problem {
        self.diagnostic.problem(title)
    }
}

/// Declares the file of each rule of an area and lists it, in the order of the codes.
macro_rules! area {
    ($($file:ident)*) => {
        $(pub(in crate::rules) mod $file;)*

        pub(in crate::rules) static RULES: &[&crate::rules::Rule] = &[$(&$file::RULE),*];
    };
}
use area;

const AREAS: [&[&Rule]; 9] = [
    hosts::RULES,
    ensemble::RULES,
    brokers::RULES,
    storage::RULES,
    settings::RULES,
    versions::RULES,
    topics::RULES,
    changes::RULES,
    security::RULES,
];

/// Every rule, area by area.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    AREAS.into_iter().flatten().copied()
}

/// Every code that kafnix knows, in order.
pub fn diagnostics() -> Vec<&'static Diagnostic> {
    let rules = rules().map(|rule| &rule.diagnostic);
    let mut diagnostics: Vec<_> =
        spec::read::DIAGNOSTICS.iter().chain(lock::DIAGNOSTICS).copied().chain(rules).collect();
    diagnostics.extend([&UNRESOLVED, &UNRAISED, &NO_OWN_SERVER, &NO_JAR, &NO_FIREWALL]);
    diagnostics.sort_by_key(|diagnostic| diagnostic.code);
    diagnostics
}

/// The code that a slip stands for: one whose digits are written as letters, or whose letter is missing. Another number
/// is another code, however near it is.
pub fn meant<'a>(written: &str, codes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = written.trim().to_uppercase().replace('O', "0").replace(['I', 'L'], "1");
    codes.into_iter().find(|code| *code == plain || (code.starts_with('K') && code[1..] == plain))
}

/// Everything that is wrong with a draft, but for errors whose code is accepted this once.
pub fn problems(draft: &Draft<'_>, accepted: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for rule in rules() {
        let mut found = Found { diagnostic: &rule.diagnostic, problems: Vec::new() };
        (rule.check)(draft, &mut found);
        problems.append(&mut found.problems);
    }
    problems
        .retain(|problem| !(acceptable(problem.code) && accepted.iter().any(|code| code == problem.code)));
    let told: BTreeSet<_> = problems.iter().map(|problem| problem.code).collect();
    problems.retain(|problem| problem.follows.is_none_or(|code| !told.contains(code)));
    for problem in problems.iter_mut().filter(|problem| !problem.is_error()) {
        let of_code = draft.spec.silenced.get(problem.code).cloned();
        problem.silenced = of_code.or_else(|| problem.silenced.take());
    }
    problems
}

/// Codes that are silenced and that nothing raises. With an error nobody knows what else would be.
pub(crate) fn unraised(
    silenced: &IndexMap<String, String>,
    problems: &[Problem],
    vulnerabilities: &BTreeSet<&str>,
) -> Vec<Problem> {
    if problems.iter().any(Problem::is_error) {
        return Vec::new();
    }
    let is_raised =
        |code: &str| vulnerabilities.contains(code) || problems.iter().any(|problem| problem.code == code);
    let idle = silenced.keys().filter(|code| *code != UNRAISED.code && !is_raised(code));
    let problem = |code: &String| {
        let title = match pins().vulnerabilities.get(code) {
            Some(known) => format!("{code} is silenced, and no host has a {} with it", known.product),
            None => format!("{code} is silenced, and this spec does not raise it"),
        };
        let mut problem = UNRAISED.problem(title).at_key(pointer(["silenced", code]), "silences nothing");
        problem.silenced = silenced.get(UNRAISED.code).cloned();
        problem
    };
    idle.map(problem).collect()
}

/// The ids of all vulnerabilities of the releases that hosts run.
pub(crate) fn vulnerabilities(draft: &Draft<'_>) -> BTreeSet<&'static str> {
    versions::vulnerable::known(draft)
}

/// What is not raised is known only once all rules have been checked.
const UNRAISED: Diagnostic = Diagnostic {
    code: "K123",
    severity: Severity::Warning,
    title: "a silenced warning does not occur",
    why: "A code in `silenced` hides its warning whenever that comes. One that stays there after its reason is gone \
          hides the next warning, which may have another reason. The id of a vulnerability that stays there hides \
          it from whoever goes back to a release that has it.",
    help: "take it out of `silenced`",
};

/// What a rule that compares with the lock advises where a change is meant, before its code. Another command that takes
/// `--accept` puts itself in its place.
pub const ACCEPT: &str = "kafnix generate --accept";

/// Codes that compare with the lock: only these can be accepted, since what they refuse is right
/// when it is meant.
pub fn acceptable(code: &str) -> bool {
    code.starts_with("K7")
}

/// Every code that [`acceptable`] says can be.
pub fn all_acceptable() -> Vec<String> {
    let codes = diagnostics().into_iter().map(|diagnostic| diagnostic.code);
    codes.filter(|code| acceptable(code)).map(str::to_owned).collect()
}

/// Warnings of a change that is begun and that another generation finishes.
pub fn is_unfinished(code: &str) -> bool {
    code == versions::protocol_behind::RULE.diagnostic.code
}

/// A model on which every rule has passed. Nothing but [`check`] makes one.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Cluster(Model);

impl Deref for Cluster {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.0
    }
}

impl Cluster {
    /// The same cluster somewhere else. Its rules have been checked before: addresses that they would refuse, such as
    /// loopback ones, are the point there.
    #[must_use]
    pub fn relocated(&self, to: &impl Elsewhere) -> Self {
        Self(relocate::moved(self.0.clone(), to))
    }

    /// The same cluster with every host as one that kafnix manages.
    #[must_use]
    pub fn all_managed(&self) -> Self {
        let mut model = self.0.clone();
        model.hosts.iter_mut().for_each(|host| host.managed.value = true);
        Self(model)
    }
}

/// The only way to a cluster.
pub fn check(draft: Draft<'_>, accepted: &[String]) -> (Option<Cluster>, Vec<Problem>) {
    let mut problems = problems(&draft, accepted);
    let refused = problems.iter().any(Problem::is_error);
    if !refused && !draft.gaps.is_empty() {
        problems
            .push(UNRESOLVED.problem(format!("{}: {:?}", UNRESOLVED.title, draft.gaps)).at("", "this spec"));
        return (None, problems);
    }
    ((!refused).then_some(Cluster(draft.cluster)), problems)
}

/// Whether a problem may come only from a value that was taken out because it did not fit: one at
/// that place, or at the object that now lacks it. A key that is wrong itself is so whatever it holds.
pub(crate) fn follows_from(problem: &Problem, shape: &[Problem]) -> bool {
    let place = |problem: &Problem| problem.labels.first().map(|label| label.place.clone());
    let (at, of_a_key) = match place(problem) {
        Some(Place::Pointer(at)) => (at, false),
        Some(Place::Key(at)) => (at, true),
        Some(Place::Offset(_)) | None => return true,
    };
    shape.iter().any(|taken| match place(taken) {
        Some(Place::Pointer(taken) | Place::Key(taken)) => {
            let parent = taken.rsplit_once('/').map_or("", |(parent, _)| parent);
            let above = at == parent || is_within(&taken, &at);
            // Without one of its hosts little can be said of a cluster.
            parent == "/hosts" || is_within(&at, &taken) || (above && !of_a_key)
        }
        _ => true,
    })
}

/// Whether a pointer is another one, or to something in it.
fn is_within(at: &str, whole: &str) -> bool {
    at.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Better than a cluster with a hole, should a rule ever be missing.
const UNRESOLVED: Diagnostic = Diagnostic {
    code: "K099",
    severity: Severity::Error,
    title: "kafnix cannot resolve this spec and no rule says why",
    why: "This is a fault of kafnix: a rule is missing.",
    help: "please report it with the spec",
};

/// What a generated tree cannot have: only the modules' assertion reports it, for what a machine file
/// changes.
const NO_OWN_SERVER: Diagnostic = Diagnostic {
    code: "K213",
    severity: Severity::Error,
    title: "a ZooKeeper server is not in its own ensemble",
    why: "Without a line `server.N` for its own id a server exits with \"My id N not in the peer list\" \
          (QuorumPeer.java). Generated hosts always have it.",
    help: "add the host to `zookeeper.hosts`, or give it the id that it has there",
};

/// Only a machine file can break this, too.
const NO_FIREWALL: Diagnostic = Diagnostic {
    code: "K801",
    severity: Severity::Error,
    title: "the firewall that guards a host's ports is off, or reads no rules",
    why: "What `kafnix show firewall` lists is opened in the firewall that NixOS makes with nftables, which the \
          modules turn on. With that off, or the firewall as a whole, everybody reaches ZooKeeper and the brokers, \
          which do not authenticate clients. firewalld (`services.firewalld.enable`) and iptables, the other choices \
          of `networking.firewall.backend`, silently ignore these rules.",
    help: "take the line out of the machine file that turns it off or hands it over, or set \
           `services.kafnix.firewall.enable = false` there where something else guards the ports",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_page_and_says_what_to_do() {
        let diagnostics = diagnostics();
        let codes: BTreeSet<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes.len(), diagnostics.len());
        for diagnostic in diagnostics {
            assert!(diagnostic.code.len() == 4 && diagnostic.code.starts_with('K'), "{}", diagnostic.code);
            for text in [diagnostic.title, diagnostic.why, diagnostic.help] {
                assert!(!text.is_empty(), "{}", diagnostic.code);
            }
            assert!(
                !diagnostic.title.ends_with('.') && !diagnostic.help.ends_with('.'),
                "{}",
                diagnostic.code
            );
        }
    }

    #[test]
    fn rules_stand_in_the_order_of_their_codes() {
        for area in AREAS {
            assert!(area.is_sorted_by_key(|rule| rule.diagnostic.code));
        }
    }

    #[test]
    fn a_silenced_code_that_nothing_raises_is_told_and_can_be_silenced_itself() {
        let told = |silenced: serde_json::Value| {
            let spec = testing::patched(serde_json::json!({ "silenced": silenced }));
            let problems = crate::check(spec.as_bytes(), None, &[]).problems;
            let told = problems.into_iter().filter(|problem| problem.code == "K123");
            told.map(|problem| (problem.title, problem.silenced.is_some())).collect::<Vec<_>>()
        };
        let title = "K208 is silenced, and this spec does not raise it".to_owned();
        assert_eq!(told(serde_json::json!({ "K208": "two hosts" })), [(title.clone(), false)]);
        assert_eq!(told(serde_json::json!({ "K208": "two hosts", "K123": "soon" })), [(title, true)]);
        assert_eq!(told(serde_json::json!({ "K438": "a test", "CVE-2026-111108": "no such use" })), []);
        // Of a release that no host runs any more.
        let gone = "CVE-2026-24281 is silenced, and no host has a ZooKeeper with it".to_owned();
        assert_eq!(told(serde_json::json!({ "CVE-2026-24281": "no such use" })), [(gone, false)]);
        // with an error nobody knows
        assert_eq!(told(serde_json::json!({ "K208": "two hosts", "K101": "x" })), []);
    }

    #[test]
    fn a_slip_in_a_code_is_known_and_another_number_is_none() {
        let codes = ["K099", "K101", "V101"];
        assert_eq!(meant("KO99", codes), Some("K099"));
        assert_eq!(meant("k1o1", codes), Some("K101"));
        assert_eq!(meant("101", codes), Some("K101"));
        assert_eq!(meant("K999", codes), None);
    }

    #[test]
    fn a_moved_id_is_told_once_and_what_follows_from_it_once_that_is_accepted() {
        let spec = |hosts| testing::patched(serde_json::json!({ "zookeeper": { "hosts": hosts } }));
        let lock = testing::lock_of(serde_json::json!({})).text();
        let codes = |hosts, accepted: &[&str]| {
            let accepted: Vec<_> = accepted.iter().map(|code| (*code).to_owned()).collect();
            let problems = crate::check(spec(hosts).as_bytes(), Some(lock.as_bytes()), &accepted).problems;
            let errors = problems.iter().filter(|problem| problem.is_error());
            errors.map(|problem| problem.code).collect::<Vec<_>>()
        };
        let other = serde_json::json!({ "a": { "id": 7 }, "b": {}, "c": {} });
        assert_eq!(codes(other.clone(), &[]), ["K701"]);
        assert_eq!(codes(other, &["K701"]), ["K704"]);
        let swapped = serde_json::json!({ "a": { "id": 2 }, "b": { "id": 1 }, "c": {} });
        assert_eq!(codes(swapped.clone(), &[]), ["K701", "K701"]);
        assert_eq!(codes(swapped, &["K701"]), ["K711"]);
        // Another server leaves beside it, which nothing else tells.
        let and_gone = serde_json::json!({ "a": { "id": 7 }, "b": {} });
        assert_eq!(codes(and_gone, &[]), ["K701", "K704"]);
    }

    #[test]
    fn what_only_follows_from_a_value_taken_out_is_not_reported() {
        let codes = |text: &str| {
            let problems = crate::check(text.as_bytes(), None, &[]).problems;
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        // no "host without an address", which the slip explains
        let slip = codes(r#"{"hosts": {"a": {"adress": "10.0.0.1"}, "b": {"address": "10.0.0.2"}}}"#);
        assert!(slip.starts_with(&["K005"]) && !slip.contains(&"K107"), "{slip:?}");
        // both the slip and the id, which have nothing to do with each other
        let both = r#"{"nmae": "x", "hosts": {"a": {"address": "10.0.0.1"}}, "kafka": {"hosts": {"a": {"id": -1}}}}"#;
        assert!(codes(both).starts_with(&["K005", "K221", "K301"]), "{:?}", codes(both));
        // another host whose name only begins as that of the one with the slip
        let hosts = r#"{"a": {"address": "10.0.0.1"}, "ab": {"address": "10.0.0.2"}}"#;
        let like = format!(r#"{{"hosts": {hosts}, "kafka": {{"hosts": {{"a": 5, "ab": {{"id": -1}}}}}}}}"#);
        assert!(codes(&like).contains(&"K301"), "{:?}", codes(&like));
        // nor is a name less wrong for what it holds
        let name = codes(r#"{"hosts": {"a b": {"address": "10.0.0.1", "x": 1}}}"#);
        assert!(name.contains(&"K103"), "{name:?}");
        // nor "a member that is no host", where the host is what did not fit
        assert_eq!(codes(r#"{"hosts": {"a": 5}, "kafka": {"hosts": {"a": {}}}}"#), ["K004"]);
    }
}

//! From the text to a [`Spec`], reporting everything that is wrong with the text at once: a value
//! that does not fit is reported, taken out, and reading goes on with the rest.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Spec;
use super::comments::without_comments;
use super::decode::{UNKNOWN_KEY, WRONG_SHAPE, decode};
use super::not_json::{NOT_JSON, not_json};
use crate::diagnostic::Diagnostic;
use crate::problem::{Label, Place, Problem, Severity, pointer};

pub(crate) const DIAGNOSTICS: &[&Diagnostic] =
    &[&NOT_JSON, &NOT_UTF8, &DUPLICATE_KEY, &WRONG_SHAPE, &UNKNOWN_KEY, &NUL, &TOO_LARGE];

const NOT_UTF8: Diagnostic = Diagnostic {
    code: "K002",
    severity: Severity::Error,
    title: "invalid UTF-8",
    why: "JSON that travels between programs is UTF-8 (RFC 8259, section 8.1). A file in another \
          encoding would reach the servers with other characters than its author saw.",
    help: "save the file as UTF-8, without a byte order mark",
};

const DUPLICATE_KEY: Diagnostic = Diagnostic {
    code: "K003",
    severity: Severity::Error,
    title: "duplicate key in one object",
    why: "Most programs silently keep the last of two equal keys. A host or a setting that is \
          written twice would lose one of its versions without a word.",
    help: "keep one of them",
};

const NUL: Diagnostic = Diagnostic {
    code: "K006",
    severity: Severity::Error,
    title: "a string contains U+0000 (NUL)",
    why: "Nix strings, file names and command lines end at a NUL, so no host could be told.",
    help: "take the character out",
};

const TOO_LARGE: Diagnostic = Diagnostic {
    code: "K007",
    severity: Severity::Error,
    title: "the spec is larger than 16 MiB",
    why: "A spec of ten thousand hosts has about 1 MiB. A file that is larger is not a spec, and is not read.",
    help: "check that this is the right file",
};

const MOST_BYTES: usize = 16 << 20;

/// What could be read, and what could not.
#[derive(Debug, Default)]
pub struct Read {
    /// Absent where nothing is left that rules could be checked on.
    pub spec: Option<Spec>,
    pub problems: Vec<Problem>,
}

pub fn read(bytes: &[u8]) -> Read {
    if bytes.len() > MOST_BYTES {
        let size = bytes.len() >> 20;
        return only(TOO_LARGE.problem(format!("the spec has {size} MiB; the most is 16")));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let problem = NOT_UTF8.problem(NOT_UTF8.title);
            return only(at_offset(problem, error.valid_up_to(), "not UTF-8 from here"));
        }
    };
    let duplicates = RefCell::default();
    let root = Node { at: String::new(), duplicates: &duplicates };
    let plain = without_comments(text);
    let mut reader = serde_json::Deserializer::from_str(&plain);
    let value = match root.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => value,
        Err(error) => return only(not_json(&plain, &error)),
    };
    let mut problems: Vec<_> = duplicates.into_inner().into_iter().map(duplicate_key).collect();
    find_nul(&value, String::new(), &mut problems);
    let spec = decode(value, &mut problems);
    Read { spec, problems }
}

fn only(problem: Problem) -> Read {
    Read { spec: None, problems: vec![problem] }
}

pub(super) fn at_offset(mut problem: Problem, offset: usize, text: &str) -> Problem {
    problem.labels.push(Label { place: Place::Offset(offset), text: text.to_owned() });
    problem
}

fn duplicate_key(place: String) -> Problem {
    let key = last_part(&place);
    DUPLICATE_KEY.problem(format!("duplicate key `{key}` in one object")).at_key(place, "and again here")
}

fn last_part(place: &str) -> String {
    let part = place.rsplit('/').next().unwrap_or_default();
    part.replace("~1", "/").replace("~0", "~")
}

fn find_nul(value: &Value, at: String, problems: &mut Vec<Problem>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            problems.push(NUL.problem(NUL.title).at(at, "holds \\u0000"));
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                find_nul(value, format!("{at}/{index}"), problems);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let at = at.clone() + &pointer([key.as_str()]);
                if key.contains('\0') {
                    problems.push(NUL.problem("a key holds the character U+0000").at_key(at.clone(), "here"));
                }
                find_nul(value, at, problems);
            }
        }
        _ => {}
    }
}

/// Reads any JSON and notes the keys that stand twice, which `serde_json` alone would not.
struct Node<'a> {
    at: String,
    duplicates: &'a RefCell<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// How `serde_json` hands over a number whose text it keeps.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let at = format!("{}/{}", self.at, values.len());
            let Some(value) = access.next_element_seed(Node { at, duplicates: self.duplicates })? else {
                return Ok(Value::Array(values));
            };
            values.push(value);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if key == NUMBER {
                let text: String = access.next_value()?;
                return text.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            let at = self.at.clone() + &pointer([key.as_str()]);
            let value = access.next_value_seed(Node { at: at.clone(), duplicates: self.duplicates })?;
            if map.insert(key, value).is_some() {
                self.duplicates.borrow_mut().push(at);
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, String)> {
        let place = |problem: &Problem| match &problem.labels[0].place {
            Place::Pointer(place) | Place::Key(place) => place.clone(),
            Place::Offset(offset) => offset.to_string(),
        };
        read(text.as_bytes()).problems.iter().map(|p| (p.code, place(p))).collect()
    }

    #[test]
    fn all_that_does_not_fit_is_reported_at_once() {
        let text = r#"{"nmae": "x", "hosts": {"a": {"adress": "10.0.0.1"}, "b": {"address": "nowhere"}},
            "kafka": {"heap": 6, "replicationFactor": "three"}}"#;
        let found = codes(text);
        for expected in [
            ("K005", "/nmae"),
            ("K005", "/hosts/a/adress"),
            ("K004", "/hosts/b/address"),
            ("K004", "/kafka/heap"),
            ("K004", "/kafka/replicationFactor"),
        ] {
            assert!(found.contains(&(expected.0, expected.1.into())), "{expected:?} in {found:?}");
        }
        assert_eq!(found.len(), 5, "{found:?}");
    }

    #[test]
    fn a_slip_in_a_key_names_the_known_one() {
        let problems = read(br#"{"hosts": {"a": {"adress": "10.0.0.1"}}}"#).problems;
        assert_eq!(problems[0].help, "write `address`");
    }

    #[test]
    fn a_value_that_does_not_fit_is_one_problem_with_what_belongs_there() {
        let listener = r#"{"hosts": {}, "kafka": {"listeners": {"X": {"port": "9092"}}}}"#;
        assert_eq!(codes(listener), [("K004", "/kafka/listeners/X/port".into())]);
        assert_eq!(codes(r#"{"hosts": ["a"]}"#), [("K004", "/hosts".into())]);
        let help = |text: &str| read(text.as_bytes()).problems.remove(0).help;
        let jdk = help(r#"{"hosts": {}, "versions": {"jdk": 17}}"#);
        assert_eq!(jdk, "write `\"17\"`");
        assert!(help(r#"{"hosts": {"a": {}}, "names": {"x": "y"}}"#).starts_with("write an IPv4"));
        let title = |text: &str| read(text.as_bytes()).problems.remove(0).title;
        assert_eq!(
            title(r#"{"hosts": {}, "zookeeper": {"clientPort": 70000}}"#),
            "`clientPort` takes a whole number, 1–65535"
        );
        assert_eq!(
            title(r#"{"hosts": {}, "kafka": {"logDirs": [1]}}"#),
            "an entry of `logDirs` takes a string"
        );
        assert_eq!(
            help(r#"{"hosts": {}, "kafka": {"settings": {"log": {"retention": {"ms": 1}}}}}"#),
            "write the key with dots, `\"log.retention.ms\"`"
        );
        assert_eq!(
            help(r#"{"hosts": {}, "kafka": {"listeners": {"X": {}}}}"#),
            "add `port`: a whole number, 1–65535"
        );
        assert_eq!(
            help(r#"{"hosts": {}, "zookeeper": {"from": ["10.20.0.1/16"]}}"#),
            "write `\"10.20.0.0/16\"` for the whole network, or `\"10.20.0.1\"` for this machine alone"
        );
        assert!(
            help(r#"{"hosts": {}, "zookeeper": {"from": ["app01"]}}"#)
                .contains("packet filters know no names")
        );
        assert!(help(r#"{"hosts": {"a": {"address": "kafka01"}}}"#).contains("under `names`"));
        assert!(!help(r#"{"hosts": {"a": {"address": "10.0.0.256"}}}"#).contains("under `names`"));
    }

    #[test]
    fn a_protocol_that_kafnix_lacks_is_not_taken_for_a_slip() {
        let text = |protocol| {
            format!(
                r#"{{"hosts": {{}}, "kafka": {{"listeners": {{"A": {{"port": 1, "protocol": "{protocol}"}}}}}}}}"#
            )
        };
        for protocol in ["SASL_SSL", "SASL_PLAINTEXT"] {
            let title = &read(text(protocol).as_bytes()).problems[0].title;
            assert!(title.contains("without `protocol` this one is PLAINTEXT"), "{title}");
        }
        assert!(read(text("ssl").as_bytes()).problems[0].title.contains("expected `PLAINTEXT`"));
        assert_eq!(read(text("PLAINTEXT").as_bytes()).problems, []);
    }

    #[test]
    fn a_comment_is_taken_wherever_white_space_is() {
        let commented = "// {\n{\"hosts\" /* : */ : # [\n {}, /* \" */ \"name\": \"a//b#c\"} // }";
        let read = read(commented.as_bytes());
        assert_eq!((read.problems, read.spec.unwrap().name.as_deref()), (vec![], Some("a//b#c")));
        assert_eq!(codes("{\"hosts\": {}, // ä\n\"name\" x}"), [("K001", "27".into())]);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_not_overwritten() {
        assert_eq!(codes(r#"{"hosts": {"a": {}, "a": {}}}"#), [("K003", "/hosts/a".into())]);
    }

    #[test]
    fn text_that_is_no_json_is_reported_at_its_byte() {
        assert_eq!(codes("{\"hosts\": {},\n}"), [("K001", "12".into())]);
        assert_eq!(codes("{\"hosts\": {}, // x, y\n}"), [("K001", "12".into())]);
        assert_eq!(codes("{\"hosts\": {} /* x }"), [("K001", "13".into())]);
        assert_eq!(codes(""), [("K001", "0".into())]);
        assert_eq!(codes(&"[".repeat(100_000)).len(), 1);
        assert_eq!(read(b"{\"name\": \"\xff\"}").problems[0].code, "K002");
        assert_eq!(codes("[]").len(), 1);
    }

    #[test]
    fn a_nul_is_refused_in_keys_and_values() {
        let found = codes(r#"{"hosts": {}, "kafka": {"settings": {"a": "x\u0000", "b\u0000": 1}}}"#);
        assert_eq!(found, [("K006", "/kafka/settings/a".into()), ("K006", "/kafka/settings/b\0".into())]);
    }

    #[test]
    fn more_than_sixteen_mebibytes_are_not_read() {
        assert_eq!(read(&vec![b' '; MOST_BYTES + 1]).problems[0].code, "K007");
    }
}

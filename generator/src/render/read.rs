//! The way back: the text of a generated file as data. It reads what the templates and the filter `nix` write, and
//! nothing for what somebody has made otherwise.

use serde_json::{Map, Value};

/// Deeper than any generated file; what somebody nests deeper must not use up the stack.
const DEEPEST: usize = 32;

/// A file as the attribute set that it is; a path is the text of the path.
pub(crate) fn read(text: &str) -> Option<Map<String, Value>> {
    let mut reader = Reader { rest: text };
    match reader.value(DEEPEST)? {
        Value::Object(file) if reader.next().is_none() => Some(file),
        _ => None,
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The next character that is no blank and in no comment.
    fn next(&mut self) -> Option<char> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n')?.1,
                None => return self.rest.chars().next(),
            }
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        self.next();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match self.next()? {
            '{' => self.set(depth).map(Value::Object),
            '[' => self.list(depth).map(Value::Array),
            '"' => self.string().map(Value::String),
            '(' => self.negative(),
            _ => match self.word()? {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                "null" => Some(Value::Null),
                path if path.starts_with('.') => Some(path.into()),
                number => number.parse::<i64>().ok().map(Value::from),
            },
        }
    }

    fn set(&mut self, depth: usize) -> Option<Map<String, Value>> {
        let mut set = Map::new();
        self.takes("{").then_some(())?;
        while !self.takes("}") {
            let mut path = vec![self.key()?];
            while self.takes(".") {
                let key = self.key().filter(|_| path.len() < DEEPEST)?;
                path.push(key);
            }
            let value = if self.takes("=") { self.value(depth)? } else { return None };
            self.takes(";").then_some(())?;
            put(&mut set, &path, value)?;
        }
        Some(set)
    }

    fn key(&mut self) -> Option<String> {
        if self.next()? == '"' {
            return self.string();
        }
        let is_part =
            |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '\'');
        self.until(|character| !is_part(character)).map(str::to_owned)
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        self.takes("[").then_some(())?;
        while !self.takes("]") {
            list.push(self.value(depth)?);
        }
        Some(list)
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut characters = self.rest.strip_prefix('"')?.chars();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => text.push(match characters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    itself => itself,
                }),
                '$' if characters.as_str().starts_with('{') => return None,
                character => text.push(character),
            }
        }
        self.rest = characters.as_str();
        Some(text)
    }

    /// `(-1)`, and the least integer, which is a difference.
    fn negative(&mut self) -> Option<Value> {
        self.takes("(").then_some(())?;
        let number = self.word()?.parse::<i64>().ok()?;
        let number = if self.takes("-") { number.checked_sub(self.word()?.parse().ok()?)? } else { number };
        self.takes(")").then(|| number.into())
    }

    fn word(&mut self) -> Option<&'a str> {
        self.next();
        self.until(|character| character.is_whitespace() || "()[]{};\"".contains(character))
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) -> Option<&'a str> {
        let (word, rest) = self.rest.split_at(self.rest.find(ends)?);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

/// Sets what a path with dots names; nothing where it is set already.
fn put(set: &mut Map<String, Value>, path: &[String], value: Value) -> Option<()> {
    match path {
        [] => None,
        [last] => set.insert(last.clone(), value).is_none().then_some(()),
        [first, rest @ ..] => {
            let below = set.entry(first.clone()).or_insert_with(|| Map::new().into());
            put(below.as_object_mut()?, rest, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_file_is_read_with_its_paths_and_comments() {
        let text = "# Generated by kafnix\n{\n imports = [ ../cluster.nix ];\n a.b = { c = (-1); };\n a.d = null;\n}\n";
        let expected = json!({ "imports": ["../cluster.nix"], "a": { "b": { "c": -1 }, "d": null } });
        assert_eq!(read(text).map(Value::Object), Some(expected));
    }

    #[test]
    fn what_is_no_data_is_nothing() {
        for text in
            ["", "{", "{ a = 1; a = 2; }", "{ a = b; }", "{ a = \"${b}\"; }", "{ } x", "[ ]", "{ a = (1; }"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        for deep in ["[ ".repeat(1_000_000), format!("{{ a{} = 1; }}", ".a".repeat(1_000_000))] {
            assert_eq!(read(&format!("{{ a = {deep}; }}")), None);
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(i64::MIN.into()),
            "\\PC{0,6}".prop_map(Value::from),
            "[$\\{\\\\\"'\\n#;a-]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,3}", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_the_filter_writes_is_read_as_it_was(value in values()) {
            let text = nixfmt_rs::format(&format!("{{ a = {}; }}", super::super::filters::text(&value).unwrap()));
            let read = read(&text.unwrap());
            prop_assert_eq!(read.as_ref().map(|file| &file["a"]), Some(&value));
        }

        #[test]
        fn no_text_ends_the_program(text in "[{}\\[\\]()\"\\\\;=.#a1 \\n$-]{0,40}") {
            let _ = read(&text);
        }
    }
}

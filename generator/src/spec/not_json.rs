//! What is wrong with a text that is no JSON, in the words of who wrote it.

use super::language::{Language, language};
use super::read::at_offset;
use crate::diagnostic::Diagnostic;
use crate::problem::{Problem, Severity};

pub(super) const NOT_JSON: Diagnostic = Diagnostic {
    code: "K001",
    severity: Severity::Error,
    title: "invalid JSON",
    why: "A spec is one JSON object (RFC 8259), at most 127 values deep. Comments (`//`, `/* */` and `#`) may stand \
          wherever JSON takes white space. There is no comma behind the last entry of an object or a list, and keys \
          and strings stand in double quotes. YAML, TOML, JSON5 and the literals of a programming language are other \
          languages.",
    help: "correct the text at this place",
};

const ONE_OBJECT: &str = "a spec is one JSON object, in which comments may stand: `{ \"hosts\": { … } }`";

pub(super) fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    if text.starts_with('\u{feff}') {
        let problem = NOT_JSON.problem("the text begins with a byte order mark");
        return at_offset(problem, 0, "before the first character").help("save the file without it");
    }
    if let Some(marker) = conflict(text) {
        let problem = at_offset(
            NOT_JSON.problem("the text is an unresolved merge"),
            marker,
            "a marker of the conflict",
        );
        return problem.help(
            "keep one of the two sides and take the lines with `<<<<<<<`, `=======` and `>>>>>>>` out",
        );
    }
    if text.trim().is_empty() {
        let problem =
            at_offset(NOT_JSON.problem("the spec is empty"), 0, "nothing but white space and comments");
        return problem.help(format!("{ONE_OBJECT}; `kafnix init` writes one to start from"));
    }
    if let Some(Language { name, seen, at }) = language(text) {
        let problem = NOT_JSON.problem(format!("the spec is {name}, not JSON"));
        return at_offset(problem, at, seen).help(ONE_OBJECT);
    }
    let offset = offset_of(text, error);
    let mut message = without_position(error);
    if text.get(..=offset).is_some_and(|before| before.ends_with('\'')) {
        let problem = at_offset(NOT_JSON.problem("a string in single quotes"), offset, "begins here");
        return problem.help(format!("write keys and strings in double quotes: {ONE_OBJECT}"));
    }
    if text.get(offset..).is_some_and(|rest| rest.starts_with("/*")) {
        let problem = at_offset(NOT_JSON.problem("a comment is not closed"), offset, "begins here");
        return problem.help("close it with `*/`");
    }
    if let ("trailing comma", Some(comma)) =
        (message.as_str(), text.get(..offset).and_then(|before| before.rfind(',')))
    {
        let closing = text[offset..].chars().next().unwrap_or('}');
        let problem = NOT_JSON.problem(format!("a comma stands before `{closing}`"));
        return at_offset(problem, comma, "nothing follows this comma").help("take the comma out");
    }
    let (at, seen) =
        if message.starts_with("EOF") { (text.trim_end().len(), "") } else { seen(text, offset) };
    if message == "expected ident" || (at < offset && message.starts_with("expected `,`")) {
        // It begins like a literal or a number and goes on like none, such as an address without quotes.
        VALUE.clone_into(&mut message);
    }
    let problem = NOT_JSON.problem(format!("{}: {}", NOT_JSON.title, in_words(&message)));
    let is_shown = literal(seen).is_some() || message == KEY || !seen.contains(char::is_alphanumeric);
    let label = match seen {
        "" => "the text ends here".to_owned(),
        "\n" | "\r" => "the line ends here".to_owned(),
        seen if seen.contains(char::is_control) => "a control character".to_owned(),
        seen if is_shown => format!("here stands `{seen}`"),
        // A word may be a secret, which the drawing masks.
        _ if message == VALUE => "no value of JSON".to_owned(),
        _ => "not this".to_owned(),
    };
    at_offset(problem, at, &label).help(way_out(&message, seen))
}

/// The word or the character at a byte, and where it begins; empty at the end of the text.
fn seen(text: &str, offset: usize) -> (usize, &str) {
    let rest = text.trim_end().get(offset..).unwrap_or_default();
    let Some(first) = rest.chars().next() else { return (offset, "") };
    let is_inside = |it: char| it.is_alphanumeric() || "_.+-".contains(it);
    let start = text[..offset].trim_end_matches(is_inside).len();
    let word = &text[start..];
    let word = &word[..word.find(|it| !is_inside(it)).unwrap_or(word.len())];
    // Of a word that never ends, the place says enough.
    if is_inside(first) && word.len() <= 40 { (start, word) } else { (offset, &rest[..first.len_utf8()]) }
}

/// What JSON has for a word of YAML or of a programming language.
fn literal(word: &str) -> Option<&'static str> {
    match word {
        "True" | "yes" | "Yes" | "on" | "On" => Some("true"),
        "False" | "no" | "No" | "off" | "Off" => Some("false"),
        "None" | "nil" | "undefined" | "Null" => Some("null"),
        _ => None,
    }
}

const VALUE: &str = "expected value";
const KEY: &str = "key must be a string";
const BREAK: &str = "control character (\\u0000-\\u001F) found while parsing a string";

/// What serde says of a text that is no JSON, as a sentence. Whatever else it says stays as it is.
pub(crate) fn in_words(message: &str) -> String {
    let words = match message {
        "EOF while parsing an object" => "the text ends inside an object",
        "EOF while parsing a list" => "the text ends inside a list",
        "EOF while parsing a string" => "the text ends inside a string",
        "EOF while parsing a value" => "the text ends where a value belongs",
        "expected `:`" => "`:` belongs behind a key",
        "expected `,` or `}`" => "`,` or `}` belongs behind an entry of an object",
        "expected `,` or `]`" => "`,` or `]` belongs behind an entry of a list",
        VALUE => "a value belongs here",
        KEY => "a key in double quotes belongs here",
        "invalid number" => "a number that JSON does not know",
        "trailing comma" => "nothing follows a comma",
        "trailing characters" => "the text goes on behind its first value",
        "recursion limit exceeded" => "more than 127 objects and lists lie in each other",
        "invalid escape" => "an escape that JSON does not know",
        BREAK => "a line break or another control character stands in a string",
        other => other,
    };
    words.to_owned()
}

const VALUES: &str = "an object, a list, a string in double quotes, a number, `true`, `false` or `null`";

/// What to do, where something better is known than to correct it.
fn way_out(message: &str, seen: &str) -> String {
    match message {
        "EOF while parsing an object" => "close each object with `}`".to_owned(),
        "EOF while parsing a list" => "close each list with `]`".to_owned(),
        "expected `,` or `}`" | "expected `,` or `]`" => {
            "put a comma between two entries, and strings into double quotes".to_owned()
        }
        "expected `:`" => format!("write `\"key\": value`; {ONE_OBJECT}"),
        VALUE => match literal(seen) {
            Some(meant) => format!("write `{meant}`, which JSON has for it"),
            None if seen.contains(char::is_alphanumeric) => {
                format!("write it in double quotes where it is a string; {ONE_OBJECT}")
            }
            None => format!("write {VALUES}"),
        },
        KEY if seen.starts_with(char::is_alphabetic) => format!("write `\"{seen}\"`: {ONE_OBJECT}"),
        BREAK | "EOF while parsing a string" => {
            "close the string with `\"` on its line, or write `\\n` for a line break".to_owned()
        }
        "invalid number" => "write it without a sign `+`, leading zeros and a point at its end".to_owned(),
        "invalid escape" => "write `\\\\` for a backslash".to_owned(),
        "trailing characters" => ONE_OBJECT.to_owned(),
        _ => NOT_JSON.help.to_owned(),
    }
}

/// serde counts lines and columns (in bytes, from 1, or 0 for the break before a line); a place is a byte.
pub(crate) fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column()).saturating_sub(1).min(text.len())
}

/// The message of serde without the position that the drawing shows anyway.
pub(crate) fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// Where a merge has left its first marker at the beginning of a line.
pub(crate) fn conflict(text: &str) -> Option<usize> {
    const MARKER: &str = "<<<<<<< ";
    if text.starts_with(MARKER) { Some(0) } else { text.find(&format!("\n{MARKER}")).map(|at| at + 1) }
}

#[cfg(test)]
mod tests {
    use crate::problem::{Place, Problem};
    use crate::spec::read::read;

    fn told(text: &str) -> (Problem, usize) {
        let problem = read(text.as_bytes()).problems.remove(0);
        assert_eq!(problem.code, "K001", "{text}");
        match problem.labels[0].place {
            Place::Offset(at) => (problem, at),
            _ => panic!("{problem:?}"),
        }
    }

    #[test]
    fn single_quotes_and_the_markers_of_a_merge_are_told_as_what_they_are() {
        let told = |text: &str| {
            let (problem, at) = told(text);
            (problem.title, at)
        };
        let quoted = |at| ("a string in single quotes".to_owned(), at);
        assert_eq!(told("{'hosts': {}}"), quoted(1));
        assert_eq!(told("{\"name\": 'x'}"), quoted(9));
        assert_eq!(told("'x'"), quoted(0));
        let merge = ("the text is an unresolved merge".to_owned(), 14);
        assert_eq!(told("{\"hosts\": {},\n<<<<<<< HEAD\n\"name\": \"a\"\n=======\n>>>>>>> b\n}"), merge);
        assert_eq!(read(b"{\"hosts\": {}, \"name\": \"<<<<<<< x\"}").problems, []);
    }

    #[test]
    fn a_spec_in_another_language_is_told_so_at_the_line_that_says_it() {
        for (text, name, at) in [
            ("# hosts\nhosts:\n  a:\n    address: 10.0.0.1\n", "YAML", 8),
            ("---\nhosts: {}\n", "YAML", 0),
            ("[hosts.a]\naddress = \"10.0.0.1\"\n", "TOML", 0),
            ("\nname = \"x\"\n", "TOML", 1),
            ("cluster = {\n  'hosts': {},\n}\n", "Python", 0),
        ] {
            let (problem, found) = told(text);
            assert_eq!((problem.title, found), (format!("the spec is {name}, not JSON"), at), "{text}");
            assert!(problem.help.contains("in which comments may stand"), "{}", problem.help);
        }
        assert_eq!(told(" \n// nothing\n").0.title, "the spec is empty");
    }

    #[test]
    fn a_slip_is_told_with_what_belongs_there_what_was_seen_and_what_to_write() {
        for (text, title, label, help) in [
            ("{\"a\": True}", "a value belongs here", "here stands `True`", "write `true`"),
            ("{\"a\": nope}", "a value belongs here", "no value of JSON", "in double quotes"),
            ("{\"a\": 10.0.0.1}", "a value belongs here", "no value of JSON", "in double quotes"),
            ("{hosts: {}}", "a key in double quotes", "here stands `hosts`", "write `\"hosts\"`"),
            ("{\"a\" = 1}", "`:` belongs behind a key", "here stands `=`", "write `\"key\": value`"),
            ("{\"a\": 1 \"b\": 2}", "`,` or `}` belongs", "here stands `\"`", "put a comma"),
            ("{\"a\": 007}", "a number that JSON does not know", "not this", "leading zeros"),
            ("{\"a\": \"x\ny\"}", "a line break or another", "the line ends here", "on its line"),
            ("{\"a\": {", "the text ends inside an object", "the text ends here", "close each object"),
            ("\"hosts\": {}", "the text goes on", "here stands `:`", "a spec is one JSON object"),
        ] {
            let (problem, _) = told(text);
            assert!(problem.title.starts_with(&format!("invalid JSON: {title}")), "{text}: {problem:#?}");
            assert!(problem.labels[0].text.starts_with(label), "{text}: {problem:#?}");
            assert!(problem.help.contains(help), "{text}: {problem:#?}");
        }
    }
}

//! What is wrong with a text that is no JSON, in the words of who wrote it.

use super::read::at_offset;
use crate::diagnostic::Diagnostic;
use crate::problem::{Problem, Severity};

pub(super) const NOT_JSON: Diagnostic = Diagnostic {
    code: "K001",
    severity: Severity::Error,
    title: "invalid JSON",
    why: "A spec is one JSON object (RFC 8259), at most 127 values deep. Comments (`//`, `/* */` and `#`) may stand \
          wherever JSON takes white space; a comma behind the last entry of an object or a list is not taken.",
    help: "correct the text at this place",
};

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
    let offset = offset_of(text, error);
    let message = without_position(error);
    if text.get(..=offset).is_some_and(|before| before.ends_with('\'')) {
        let problem = at_offset(NOT_JSON.problem("a string in single quotes"), offset, "begins here");
        return problem.help("write it in double quotes, which JSON has for keys and for values");
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
    let problem = NOT_JSON.problem(format!("{}: {message}", NOT_JSON.title));
    at_offset(problem, offset, &message)
}

/// serde counts lines and columns (in bytes, from 1); a place is a byte.
pub(crate) fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column().saturating_sub(1)).min(text.len())
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
    use crate::problem::Place;
    use crate::spec::read::read;

    #[test]
    fn single_quotes_and_the_markers_of_a_merge_are_told_as_what_they_are() {
        let told = |text: &str| {
            let mut problem = read(text.as_bytes()).problems.remove(0);
            (problem.title, problem.labels.remove(0).place)
        };
        let quoted = |at| ("a string in single quotes".to_owned(), Place::Offset(at));
        assert_eq!(told("{'hosts': {}}"), quoted(1));
        assert_eq!(told("{\"name\": 'x'}"), quoted(9));
        assert_eq!(told("'x'"), quoted(0));
        let merge = ("the text is an unresolved merge".to_owned(), Place::Offset(14));
        assert_eq!(told("{\"hosts\": {},\n<<<<<<< HEAD\n\"name\": \"a\"\n=======\n>>>>>>> b\n}"), merge);
        assert_eq!(read(b"{\"hosts\": {}, \"name\": \"<<<<<<< x\"}").problems, []);
    }
}

//! What is wrong with a spec, as plain data: nothing here prints. The command line finds the bytes
//! that a place names and draws them; `--message-format json` prints a problem as it is.

use serde::Serialize;

/// An error keeps a cluster from being generated; a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// The text that a problem is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Spec,
    Lock,
}

/// Where in that text: a JSON pointer (RFC 6901), or a byte where there is no JSON to point into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The value.
    Pointer(String),
    /// The key of the value, where the key itself is wrong.
    Key(String),
    Offset(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Label {
    #[serde(flatten)]
    pub place: Place,
    pub text: String,
}

/// One thing that is wrong, with a way out. The first label is the place to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub severity: Severity,
    pub code: &'static str,
    pub title: String,
    pub source: Source,
    pub labels: Vec<Label>,
    pub help: String,
    /// Why a warning is meant to be so, where the spec says that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<String>,
    /// A code beside which this one says nothing new: it is told once that one is gone or accepted.
    #[serde(skip)]
    pub follows: Option<&'static str>,
}

impl Problem {
    /// Adds a place. Labels are drawn in the order in which they were added.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::Pointer(pointer.into()), text: text.into() });
        self
    }

    /// Like [`Problem::at`], for a key that is wrong rather than its value.
    #[must_use]
    pub fn at_key(mut self, pointer: impl Into<String>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: Place::Key(pointer.into()), text: text.into() });
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    #[must_use]
    pub fn follows(mut self, code: Option<&'static str>) -> Self {
        self.follows = code;
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Builds a JSON pointer from its parts.
pub fn pointer<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for part in parts {
        text.push('/');
        text.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    text
}

/// What a written name was probably meant to be, quoted: `` `a` `` or `` `a` or `b` ``. More than three that are
/// equally near help nobody.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    match *equally_near(written, known) {
        [one] => Some(format!("`{one}`")),
        [one, other] => Some(format!("`{one}` or `{other}`")),
        [one, other, third] => Some(format!("`{one}`, `{other}` or `{third}`")),
        _ => None,
    }
}

/// The known names that are as near to a written one as any is.
pub fn equally_near<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // One slip in a short key, up to three in a long one.
    let tolerance = (written.chars().count() / 4).clamp(1, 3);
    let lower = written.to_lowercase();
    let mut near: Vec<_> = known
        .into_iter()
        // A difference in length is as many slips at least, and cheap to see.
        .filter(|name| name.chars().count().abs_diff(lower.chars().count()) <= tolerance)
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .collect();
    let least = near.iter().map(|(distance, _)| *distance).min();
    near.retain(|(distance, _)| Some(*distance) == least);
    near.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_what_rfc_6901_escapes() {
        assert_eq!(pointer(["a/b", "c~d"]), "/a~1b/c~0d");
        assert_eq!(pointer([]), "");
    }

    #[test]
    fn a_slip_of_the_keyboard_is_close_and_another_word_is_not() {
        let known = ["address", "addresses", "rack"];
        assert_eq!(nearest("adress", known).as_deref(), Some("`address`"));
        assert_eq!(nearest("Rack", known).as_deref(), Some("`rack`"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn of_equally_near_names_all_are_told_or_none() {
        let known = ["kafka01", "kafka02", "kafka03", "kafka04"];
        assert_eq!(nearest("kafka0", known.into_iter().take(2)).as_deref(), Some("`kafka01` or `kafka02`"));
        assert_eq!(
            nearest("kafka0", known.into_iter().take(3)).as_deref(),
            Some("`kafka01`, `kafka02` or `kafka03`")
        );
        assert_eq!(nearest("kafka0", known), None);
        assert_eq!(nearest("kafka1", known).as_deref(), Some("`kafka01`"));
    }
}

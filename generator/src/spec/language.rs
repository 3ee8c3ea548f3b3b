//! Which other language a text is written in that should be a spec.

pub(super) struct Language {
    pub(super) name: &'static str,
    /// What says so, and where it stands.
    pub(super) seen: &'static str,
    pub(super) at: usize,
}

/// The language of a text that is no JSON, by its first line. What begins with a brace is taken for JSON with a slip.
pub(super) fn language(text: &str) -> Option<Language> {
    let at = text.len() - text.trim_start().len();
    let line = text[at..].lines().next()?.trim_end();
    let (name, seen) = by_line(line)?;
    Some(Language { name, seen, at })
}

fn by_line(line: &str) -> Option<(&'static str, &'static str)> {
    let is_word = |text: &str| {
        let text = text.trim();
        text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
            && text.chars().all(|it| it.is_ascii_alphanumeric() || "_.-".contains(it))
    };
    let table = line.trim_matches(['[', ']']);
    if line.starts_with('[') && line.ends_with(']') && is_word(table) {
        return Some(("TOML", "the head of a table"));
    }
    if line == "---" || line.starts_with("--- ") || line.starts_with("%YAML") {
        return Some(("YAML", "the head of a document"));
    }
    if line.starts_with("- ") {
        return Some(("YAML", "an entry of a list"));
    }
    if let Some((_, value)) = line.split_once('=').filter(|(key, _)| is_word(key)) {
        let is_open = value.ends_with(['{', '[', '(']);
        return Some(if is_open { ("Python", "an assignment") } else { ("TOML", "a key and its value") });
    }
    let (key, value) = line.split_once(':')?;
    let is_mapping = is_word(key) && (value.is_empty() || value.starts_with(' '));
    is_mapping.then_some(("YAML", "a key and its value"))
}

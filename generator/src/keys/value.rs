//! What a version takes for the value of a key.

use super::{Entry, Kind};
use crate::spec::Setting;

impl Entry {
    /// Why the product would not take a value, or would take it for another one.
    pub fn refuses(&self, value: &Setting) -> Option<String> {
        let text = value.plain()?;
        let text = text.trim();
        self.refuses_type(text).or_else(|| self.refuses_range(text)).or_else(|| self.refuses_values(text))
    }

    fn refuses_type(&self, text: &str) -> Option<String> {
        let (fits, expected) = match self.kind {
            Kind::Boolean => {
                (["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)), "`true` or `false`")
            }
            Kind::Short => (text.parse::<i16>().is_ok(), "a whole number from -32768 to 32767"),
            Kind::Int => (text.parse::<i32>().is_ok(), "a whole number from -2147483648 to 2147483647"),
            Kind::Long => (text.parse::<i64>().is_ok(), "a 64-bit whole number"),
            Kind::Double => (text.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
            Kind::String | Kind::List | Kind::Class | Kind::Password => (true, ""),
        };
        (!fits).then(|| format!("`{text}` is not {expected}"))
    }

    fn refuses_range(&self, text: &str) -> Option<String> {
        let number: f64 = match self.kind {
            Kind::Short | Kind::Int | Kind::Long | Kind::Double => text.parse().ok()?,
            _ => return None,
        };
        let bound = |bound: &Setting| bound.plain()?.parse::<f64>().ok();
        let least = self.min.map(Setting::Int);
        if let Some(least) = least.as_ref().filter(|least| bound(least).is_some_and(|least| number < least)) {
            return Some(format!("{text} is below {}, the least", least.plain()?));
        }
        let most = self.max.as_ref().filter(|most| bound(most).is_some_and(|most| number > most))?;
        Some(format!("{text} is above {}, the most", most.plain()?))
    }

    fn refuses_values(&self, text: &str) -> Option<String> {
        if (self.non_empty || self.kind == Kind::Class) && text.is_empty() {
            return Some("it must not be empty".to_owned());
        }
        if !self.releases.is_empty() && !self.releases.iter().any(|release| names(text, release)) {
            return Some(format!("`{text}` is not a version that it knows, like {}", self.releases.last()?));
        }
        if self.values.is_empty() {
            return None;
        }
        let parts: Vec<&str> = match self.kind {
            Kind::List => text.split(',').map(str::trim).collect(),
            _ => vec![text],
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|_| self.kind == Kind::Int);
        let same = |a: &str, b: &str| match number(a) {
            Some(number) => b.parse() == Ok(number),
            None if self.any_case => a.eq_ignore_ascii_case(b),
            None => a == b,
        };
        let wrong = parts.into_iter().find(|part| !self.values.iter().any(|value| same(value, part)))?;
        Some(format!("`{wrong}` is not one of {}", self.values.join(", ")))
    }
}

/// Whether a text names a release of Kafka as `MetadataVersion` reads it, with or without the step of its line.
fn names(text: &str, release: &str) -> bool {
    let parts = if text.starts_with("0.") { 3 } else { 2 };
    let text = text.match_indices('.').nth(parts - 1).map_or(text, |(dot, _)| &text[..dot]);
    text == release || release.split_once("-IV").is_some_and(|(line, _)| line == text)
}

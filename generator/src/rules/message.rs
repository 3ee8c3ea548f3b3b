//! For rules that speak of many things at once.

use std::fmt::Display;

use crate::problem::Problem;

/// More names or places than these make a message no clearer.
pub(super) const MOST: usize = 5;

/// `a`, `a and b`, `a, b and c`, `a, b, c, d, e and 95 more`.
pub(super) fn and<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn or<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, "or")
}

fn joined<T: Display>(items: impl IntoIterator<Item = T>, word: &str) -> String {
    let mut items = items.into_iter().map(|item| item.to_string());
    let mut named: Vec<_> = items.by_ref().take(MOST).collect();
    let more = items.count();
    if more > 0 {
        return format!("{} {word} {more} more", named.join(", "));
    }
    match (named.pop(), named.as_slice()) {
        (Some(last), []) => last,
        (Some(last), others) => format!("{} {word} {last}", others.join(", ")),
        (None, _) => String::new(),
    }
}

/// `broker` or `brokers`.
pub(super) fn plural(number: usize, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

/// Labels every place of a problem that has several, up to a number that can still be read.
pub(super) fn at_all(
    problem: Problem,
    places: impl IntoIterator<Item = impl Into<String>>,
    first: &str,
    others: &str,
) -> Problem {
    label_all(problem, places, first, others, Problem::at)
}

/// The same where the keys are wrong.
pub(super) fn at_all_keys(
    problem: Problem,
    places: impl IntoIterator<Item = impl Into<String>>,
    first: &str,
    others: &str,
) -> Problem {
    label_all(problem, places, first, others, Problem::at_key)
}

fn label_all(
    mut problem: Problem,
    places: impl IntoIterator<Item = impl Into<String>>,
    first: &str,
    others: &str,
    label: fn(Problem, String, String) -> Problem,
) -> Problem {
    let mut places = places.into_iter().map(Into::into);
    let named: Vec<String> = places.by_ref().take(MOST).collect();
    let more = places.count();
    for (index, place) in named.iter().enumerate() {
        let text = match index {
            0 => first.to_owned(),
            last if last + 1 == MOST && more > 0 => format!("{others}, and at {more} more places"),
            _ => others.to_owned(),
        };
        problem = label(problem, place.clone(), text);
    }
    problem
}

/// The help of a rule that compares with the lock.
pub(super) fn unless_meant(safe: &str, code: &str) -> String {
    format!("{safe}; `{} {code}` takes the change once, on purpose", super::ACCEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_as_english_and_ends() {
        assert_eq!(and([1]), "1");
        assert_eq!(and([1, 2]), "1 and 2");
        assert_eq!(or([1, 2, 3]), "1, 2 or 3");
        assert_eq!(and(1..=100), "1, 2, 3, 4, 5 and 95 more");
        assert_eq!(and::<u8>([]), "");
    }
}

//! Whether two texts are one value for Kafka.

use kafnix_generator::keys::{Kind, Lookup, Table};
use kafnix_generator::spec::Version;

/// The kind of a key, where the release has it in its table.
pub(crate) fn kind(table: &'static Table, key: &str, version: Version) -> Option<Kind> {
    match table.find(key, version) {
        Lookup::Known(entry) => Some(entry.kind),
        _ => None,
    }
}

/// Compares as Kafka parses: numbers as numbers, lists without the blanks around commas.
pub(crate) fn same(kind: Option<Kind>, ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (ours.trim(), theirs.trim());
    if ours == theirs {
        return true;
    }
    match kind {
        Some(Kind::Boolean) => ours.eq_ignore_ascii_case(theirs),
        Some(Kind::Short | Kind::Int | Kind::Long) => {
            matches!((ours.parse::<i64>(), theirs.parse::<i64>()), (Ok(ours), Ok(theirs)) if ours == theirs)
        }
        Some(Kind::Double) => {
            let difference = ours.parse::<f64>().ok().zip(theirs.parse::<f64>().ok());
            difference.is_some_and(|(ours, theirs)| (ours - theirs).abs() <= f64::EPSILON * ours.abs())
        }
        Some(Kind::List) => ours.split(',').map(str::trim).eq(theirs.split(',').map(str::trim)),
        Some(Kind::String | Kind::Class | Kind::Password) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_kafka_reads_them() {
        for (kind, ours, theirs) in [
            (Kind::Int, " 08", "8"),
            (Kind::Double, "0.50", "0.5"),
            (Kind::Boolean, "FALSE", "false"),
            (Kind::List, "compact, delete", "compact,delete"),
            (Kind::String, "a", "a"),
        ] {
            assert!(same(Some(kind), ours, theirs), "{ours} {theirs}");
        }
        for (kind, ours, theirs) in [
            (Kind::Int, "8", "16"),
            (Kind::Double, "0.5", "0.6"),
            (Kind::List, "delete,compact", "compact,delete"),
            (Kind::String, "a", "A"),
            (Kind::Int, "many", "more"),
        ] {
            assert!(!same(Some(kind), ours, theirs), "{ours} {theirs}");
        }
    }
}

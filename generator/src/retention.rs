//! Which changes of a topic's settings delete records that it keeps now.

/// Whether records may be deleted: with a shorter retention, or another way of cleaning. What is absent is a value that
/// nobody knows.
pub fn may_delete_records(key: &str, from: Option<&str>, to: Option<&str>) -> bool {
    if from.is_some() && from == to {
        return false;
    }
    // −1 stands for no limit.
    let limit = |value: Option<&str>| match value?.parse::<i64>() {
        Ok(-1) => Some(i64::MAX),
        number => number.ok(),
    };
    let is_shorter = || match (limit(from), limit(to)) {
        (Some(from), Some(to)) => to < from,
        (_, to) => to != Some(i64::MAX),
    };
    match key {
        "cleanup.policy" => true,
        // The last one is of the marks that stand for deleted keys.
        "retention.ms" | "retention.bytes" | "delete.retention.ms" => is_shorter(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_with_a_shorter_retention_or_another_policy() {
        for (key, from, to, may) in [
            ("retention.ms", Some("10"), Some("9"), true),
            ("retention.ms", Some("10"), Some("-1"), false),
            ("retention.ms", Some("-1"), Some("10"), true),
            ("retention.bytes", Some("10"), Some("11"), false),
            ("retention.bytes", Some("10"), None, true),
            ("retention.bytes", None, None, true),
            // What is not kept here any more is kept in the remote storage.
            ("local.retention.ms", None, Some("10"), false),
            ("delete.retention.ms", Some("10"), Some("9"), true),
            ("cleanup.policy", Some("compact"), Some("delete"), true),
            ("cleanup.policy", Some("delete"), Some("delete"), false),
            ("flush.ms", Some("10"), Some("9"), false),
        ] {
            assert_eq!(may_delete_records(key, from, to), may, "{key}: {from:?} {to:?}");
        }
    }
}

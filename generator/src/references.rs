//! `${provider:path:key}` in a value: what Kafka's providers (`config.providers`) put in its place as a
//! broker starts.

/// A reference to a value that only a provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    pub provider: &'a str,
    pub path: &'a str,
    pub key: &'a str,
}

/// Every reference in a value, as `ConfigTransformer` finds them: a name, a colon, a path and a colon if
/// there are two, and a key.
pub fn references(value: &str) -> impl Iterator<Item = Reference<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            let (_, behind) = rest.split_once("${")?;
            let Some((inside, after)) = behind.split_once('}') else {
                rest = "";
                continue;
            };
            match inside.split_once(':') {
                Some((provider, inside)) => {
                    rest = after;
                    let (path, key) = inside.split_once(':').unwrap_or(("", inside));
                    return Some(Reference { provider, path, key });
                }
                None => rest = behind,
            }
        }
    })
}

/// Whether the whole value is one reference.
pub fn is_reference(value: &str) -> bool {
    let value = value.trim();
    value.starts_with("${") && value.find('}') == Some(value.len() - 1) && references(value).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Vec<(&str, &str, &str)> {
        references(value).map(|found| (found.provider, found.path, found.key)).collect()
    }

    #[test]
    fn references_are_those_that_kafka_finds() {
        assert_eq!(found("${file:/run/a:b}"), [("file", "/run/a", "b")]);
        assert_eq!(found("x${env:A}y${file:/a:b:c}"), [("env", "", "A"), ("file", "/a", "b:c")]);
        assert_eq!(found("${none} ${file:/a:b}"), [("file", "/a", "b")]);
        assert_eq!(found("${file:/a:b"), []);
        assert_eq!(found("$1 {a:b} ${}"), []);
    }

    #[test]
    fn only_a_value_that_is_nothing_else_is_a_reference() {
        assert!(is_reference(" ${directory:/run/secrets:key} "));
        for value in ["", "x", "${}", "x${file:/a:b}", "${file:/a:b}x", "${file:/a:b}${file:/a:c}"] {
            assert!(!is_reference(value), "{value}");
        }
    }
}

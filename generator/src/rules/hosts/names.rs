//! What a name of a machine may be, for the rules about names; no rule itself.

/// RFC 1123 with RFC 1035, section 2.3.4.
const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;

/// Why a text is no label that can name a host, if so.
pub(crate) fn label_fault(label: &str) -> Option<String> {
    fault_of_part(label).or_else(|| number_fault(label))
}

/// Why a text is no name of labels between dots, if so.
pub(in crate::rules) fn name_fault(name: &str) -> Option<String> {
    if name.len() > LONGEST_NAME {
        return Some(format!("it has {} characters; {LONGEST_NAME} are the most", name.len()));
    }
    let part = name.split('.').find_map(|part| Some((part, fault_of_part(part)?)));
    match part {
        Some(("", _)) if !name.is_empty() => Some("a label between its dots is empty".to_owned()),
        Some((part, fault)) if part.len() < name.len() => Some(format!("its label `{part}`: {fault}")),
        Some((_, fault)) => Some(fault),
        None => number_fault(name.rsplit('.').next().unwrap_or(name)),
    }
}

/// RFC 6761 keeps the name, and all below it, for the asker itself; so do resolvers with `localhost.localdomain`.
pub(in crate::rules) fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain"
}

fn fault_of_part(label: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if label.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some(letter) = label.chars().find(|letter| !allowed(*letter)) {
        return Some(format!("it holds {letter:?}"));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Some("it begins or ends with a hyphen".to_owned());
    }
    (label.len() > LONGEST_LABEL)
        .then(|| format!("it has {} characters; {LONGEST_LABEL} are the most", label.len()))
}

/// RFC 1123, section 2.1: the last label is alphabetic, so that no name looks like an address.
fn number_fault(last: &str) -> Option<String> {
    let number = last.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| "it ends in a number, which resolvers take for an address".to_owned())
}

//! docs/verify.md, made from the table of the checks, so that it says what the program does.

use std::fmt::Write as _;

use super::checks::CHECKS;

const HEAD: &str = "<!-- Made by a test from the program's own texts; do not edit. -->\n\
# The checks of `kafnix verify`\n\n\
What each code means and what to do where it fails. [operating.md](operating.md) tells how the command is \
used. V1xx are ports, V2xx ZooKeeper, V3xx the Kafka cluster, V4xx configuration and topics, V5xx round \
trips.\n";

/// The text of docs/verify.md.
pub fn reference() -> String {
    let mut text = format!("{HEAD}\n| code | what is so where it is good |\n|---|---|\n");
    for check in CHECKS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| [{}](#{}) | {} |", check.code, check.code.to_lowercase(), check.title);
    }
    for check in CHECKS {
        let (code, why, help) = (check.code, check.why, check.help);
        let mut rest = check.title.chars();
        let title: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
        let _ = write!(text, "\n## {code}\n\n**{title}.** {why}\n\nWhere it fails: {help}.\n");
    }
    text
}

//! A release line that is still mended.

use crate::rules::prelude::*;
use crate::rules::versions::releases;
use crate::rules::message::or;
use crate::pins::{Line, Product, pins};

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K505",
        severity: Warning,
        title: "end-of-life version",
        why: "Its project makes no further releases of this line, not even for security (ZooKeeper: Releases; Kafka: \
              endoflife.date).",
        help: "plan the upgrade to a line that is maintained",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for run in releases::managed(draft) {
        let release = run.release;
        let Some(day) = release.pin().and_then(|pin| pin.end_of_life.as_ref()) else { continue };
        let line = Line::of(release.version);
        let problem = found.problem(format!("{release} is past its end of life"));
        let text = format!("no fixes for {line} since {day}");
        found.add(run.at(problem, &text).help(help(release.product)));
    }
}

fn help(product: Product) -> String {
    let lines = pins().lines(product);
    let maintained = lines.iter().filter(|(_, pins)| pins.iter().any(|(_, pin)| pin.end_of_life.is_none()));
    format!("plan the upgrade to {product} {}, which still gets fixes", or(maintained.map(|(line, _)| line)))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds, says};
    use super::RULE;
    use serde_json::json;

    #[test]
    fn a_line_that_ended_is_told_with_its_day_and_the_lines_that_live() {
        let problem = breaks(&RULE, json!({ "versions": { "zookeeper": "3.7.2" } }));
        assert_eq!(problem.labels[0].text, "no fixes for 3.7 since 2024-02-02");
        assert_eq!(problem.help, "plan the upgrade to ZooKeeper 3.8 or 3.9, which still gets fixes");
        let both = json!({ "versions": { "zookeeper": "3.5.9", "kafka": "2.7.0", "jdk": "8" } });
        assert_eq!(says(&RULE, both).len(), 2);
    }

    #[test]
    fn a_line_that_lives_is_fine() {
        holds(&RULE, json!({ "versions": { "zookeeper": "3.8.6", "kafka": "3.9.0" } }));
    }
}

//! A list of the spec is one to the product, too.

use crate::rules::prelude::*;
use crate::rules::settings::settings_view::free;
use crate::keys::List;
use crate::spec::Setting;

pub static RULE: Rule = Rule {
    diagnostic: Diagnostic {
        code: "K426",
        severity: Error,
        title: "wrong separator in a list",
        why: "A properties file has no lists. The entries are joined by a comma, or by what the product splits that \
              key at (`;` in `super.users`). A key that takes one value would get all entries as one value, and an \
              entry that contains the separator would become two.",
        help: "write one value, or entries without the separator",
    },
    check,
};

fn check(draft: &Draft<'_>, found: &mut Found) {
    for setting in free(draft) {
        let Setting::List(entries) = setting.value else { continue };
        match setting.table.list(setting.key) {
            List::One if entries.len() > 1 => {
                let problem = found.problem(format!("`{}` takes one value, and no list", setting.key));
                found.add(problem.at(setting.pointer, "several").help("write one text, as the product reads it"));
            }
            List::At(separator) => {
                let holds = |entry: &Setting| entry.plain().is_some_and(|text| text.contains(separator));
                let Some(index) = entries.iter().position(holds) else { continue };
                let title = format!("an entry of `{}` holds `{separator}`, where the list is split", setting.key);
                let at = format!("{}/{index}", setting.pointer);
                let help = format!("make it two entries, or write one text without `{separator}` in an entry");
                found.add(found.problem(title).at(at, "split there, too").help(help));
            }
            List::One | List::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{breaks, holds};
    use super::RULE;
    use serde_json::{Value, json};

    fn kafka(key: &str, value: &Value) -> Value {
        json!({ "kafka": { "settings": { key: value } } })
    }

    #[test]
    fn what_the_product_would_split_elsewhere_is_refused() {
        breaks(&RULE, kafka("super.users", &json!(["User:a;User:b"])));
        breaks(&RULE, kafka("max.connections.per.ip.overrides", &json!(["10.0.0.1:5,10.0.0.2:5"])));
        breaks(&RULE, kafka("compression.type", &json!(["zstd", "lz4"])));
        breaks(&RULE, kafka("authorizer.class.name", &json!(["a.B", "c.D"])));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "admin.commandURL": ["a", "b"] } } }));
        breaks(&RULE, json!({ "zookeeper": { "settings": { "group.1": ["1:2", 3] } } }));
    }

    #[test]
    fn a_list_that_the_product_reads_as_one_is_fine() {
        holds(&RULE, kafka("super.users", &json!(["User:CN=a,O=b", "User:c"])));
        holds(&RULE, kafka("log.cleanup.policy", &json!(["compact", "delete"])));
        holds(&RULE, kafka("max.connections.per.ip.overrides", &json!(["10.0.0.1:5", "10.0.0.2:5"])));
        holds(&RULE, kafka("num.io.threads", &json!([8])));
        holds(&RULE, kafka("com.example.hosts", &json!(["a,b", "c"])));
        holds(&RULE, json!({ "zookeeper": { "settings": { "group.1": [1, 2, 3] } } }));
    }
}

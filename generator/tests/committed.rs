//! What is made from the program and committed is fresh: the schema and the reference. With
//! `KAFNIX_UPDATE=1` the test writes the files instead.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads the committed files")]

use std::path::Path;

fn fresh(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("KAFNIX_UPDATE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "{path} is stale: run `KAFNIX_UPDATE=1 cargo test -p kafnix-generator --test committed`"
    );
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let text = serde_json::to_string_pretty(&kafnix_generator::spec::json_schema()).unwrap() + "\n";
    fresh("schema/cluster.schema.json", &text);
    // The template is copied alone, and its editor may be offline.
    fresh("templates/default/cluster.schema.json", &text);
}

/// An editor finds it by the path, from where the spec is.
#[test]
fn a_spec_names_the_schema_of_the_types() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &Path| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let schema = read(&root.join("schema/cluster.schema.json"));
    for path in ["cluster.json", "templates/default/cluster.json"] {
        let path = root.join(path);
        let named = read(&path)["$schema"].as_str().map(|named| path.with_file_name(named));
        assert_eq!(named.map(|named| read(&named)), Some(schema.clone()), "{}", path.display());
    }
}

#[test]
fn the_reference_of_the_spec_is_that_of_the_types() {
    fresh("docs/spec.md", &kafnix_generator::docs::spec());
}

#[test]
fn the_reference_of_the_rules_is_that_of_the_rules() {
    fresh("docs/rules.md", &kafnix_generator::docs::rules());
}

//! What is made from the program and committed is fresh: the reference of the checks. With
//! `KAFNIX_UPDATE=1` the test writes the file instead.

use std::path::Path;

#[test]
fn the_reference_of_the_checks_is_that_of_the_checks() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify.md");
    let text = kafnix_operate::verify::reference();
    if std::env::var_os("KAFNIX_UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == text,
        "docs/verify.md is stale: run `KAFNIX_UPDATE=1 cargo test -p kafnix-operate --test committed`"
    );
}

//! Lines of `[Unit]` whose change NixOS's switch-to-configuration passes over. The modules read the same file, for the
//! digest of what restarts a server.

use std::collections::BTreeSet;
use std::sync::LazyLock;

pub static PASSED_OVER: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../unit-keys.json")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_well_formed() {
        assert!(PASSED_OVER.contains("Description") && !PASSED_OVER.contains("Requires"), "{PASSED_OVER:?}");
    }
}

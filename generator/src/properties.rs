//! The text of `zoo.cfg` and `server.properties`. The modules render the same text in Nix; a test compares the two byte
//! for byte.

use kafnix_protocol::properties;

use crate::spec::Setting;

/// One line per setting that has a value, in the order given, which is that of the keys.
pub fn text<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Setting)>) -> String {
    properties::write(settings.into_iter().filter_map(|(key, value)| Some((key, value.plain()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_joined_and_an_absent_line_is_left_out() {
        assert_eq!(text([("k", &vec!["a", "b"].into())]), "k=a,b\n");
        assert_eq!(text([("k", &Setting::Absent)]), "");
    }
}

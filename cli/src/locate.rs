//! From a place in a problem to the bytes that are drawn. The text is walked as raw JSON values:
//! each is a slice of the text, so the distance of two pointers is a byte offset, and the model of a
//! spec needs no positions.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use kafnix_generator::problem::Place;
use kafnix_generator::spec::comments::without_comments;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A value longer than this, or one of several lines, is labelled at its key.
const LONGEST_VALUE: usize = 120;

/// Finds places in one text. What a container holds is looked up once, however many problems a
/// large spec has.
#[derive(Debug)]
pub(crate) struct Locator<'a> {
    text: Cow<'a, str>,
    containers: RefCell<HashMap<usize, Rc<Members>>>,
}

#[derive(Clone, Debug)]
struct Found {
    key: Option<Range<usize>>,
    value: Range<usize>,
    /// The first key of the same name in the same object, where there are several.
    first: Option<Range<usize>>,
}

/// What is in a container: objects by key, lists by index. The last of two equal keys stays, since
/// it is the one that a problem is about.
type Members = HashMap<String, Found>;

impl<'a> Locator<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text: without_comments(text), containers: RefCell::default() }
    }

    pub(crate) fn range(&self, place: &Place) -> Range<usize> {
        match place {
            Place::Pointer(pointer) => match self.walk(pointer) {
                (found, true) if self.is_short(&found.value) => found.value,
                (found, _) => self.head(found),
            },
            Place::Key(pointer) => self.head(self.walk(pointer).0),
            Place::Offset(offset) => self.word(*offset),
        }
    }

    /// Where a place stands among others: what is not in the text comes behind what is.
    pub(crate) fn order(&self, place: &Place) -> (bool, usize) {
        match place {
            Place::Pointer(pointer) | Place::Key(pointer) => {
                let (found, is_itself) = self.walk(pointer);
                (!is_itself, found.key.unwrap_or(found.value).start)
            }
            Place::Offset(offset) => (false, *offset),
        }
    }

    /// The same place, or in the place of what is not in the text the key of the object that lacks it.
    pub(crate) fn written(&self, place: &Place) -> Place {
        let (Place::Pointer(pointer) | Place::Key(pointer)) = place else { return place.clone() };
        let mut above = pointer.as_str();
        while !self.walk(above).1 {
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
        }
        match above {
            _ if above == pointer => place.clone(),
            "" => Place::Pointer(String::new()),
            above => Place::Key(above.to_owned()),
        }
    }

    /// Where a key stands for the first time, if it stands there again.
    pub(crate) fn first(&self, place: &Place) -> Option<Range<usize>> {
        let Place::Key(pointer) = place else { return None };
        match self.walk(pointer) {
            (found, true) => found.first,
            _ => None,
        }
    }

    /// The value at a pointer, or the nearest value above it, and whether it is the one itself.
    fn walk(&self, pointer: &str) -> (Found, bool) {
        let start = self.text.len() - self.text.trim_start().len();
        let whole = start..self.text.trim_end().len().max(start);
        let mut found = Found { key: None, value: whole, first: None };
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            match self.members(&found.value).get(&part) {
                Some(member) => found = member.clone(),
                None => return (found, false),
            }
        }
        (found, true)
    }

    fn members(&self, container: &Range<usize>) -> Rc<Members> {
        let mut containers = self.containers.borrow_mut();
        let members = || {
            let raw: Raw<'_> = serde_json::from_str(&self.text[container.clone()]).unwrap_or_default();
            let mut members = Members::new();
            for (key, name, value) in raw.0 {
                let mut found = self.member(key, value);
                found.first = members.remove(&name).and_then(|before| before.first.or(before.key));
                members.insert(name, found);
            }
            Rc::new(members)
        };
        Rc::clone(containers.entry(container.start).or_insert_with(members))
    }

    fn member(&self, key: Option<&str>, value: &str) -> Found {
        let range = |part: &str| {
            let start = part.as_ptr().addr() - self.text.as_ptr().addr();
            start..start + part.len()
        };
        Found { key: key.map(range), value: range(value), first: None }
    }

    fn is_short(&self, value: &Range<usize>) -> bool {
        value.len() <= LONGEST_VALUE && !self.text[value.clone()].contains('\n')
    }

    /// What stands for a whole value: its key, or the first line of a value without one.
    fn head(&self, found: Found) -> Range<usize> {
        let place = found.key.unwrap_or(found.value);
        let line = self.text[place.clone()].lines().next().unwrap_or_default();
        let shown = if line.len() <= LONGEST_VALUE { line.trim_end() } else { first_character(line) };
        place.start..place.start + shown.len()
    }

    /// The word at an offset, or the one character, or the end of the text.
    fn word(&self, offset: usize) -> Range<usize> {
        let end = self.text.trim_end().len();
        let start = (0..=offset.min(end)).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let rest = &self.text[start..end];
        let inside = |character: char| character.is_alphanumeric() || "_.+-".contains(character);
        let word = &rest[..rest.find(|character| !inside(character)).unwrap_or(rest.len())];
        let shown = if word.is_empty() { first_character(rest) } else { word };
        start..start + shown.trim_end().len().min(LONGEST_VALUE)
    }
}

fn first_character(text: &str) -> &str {
    &text[..text.chars().next().map_or(0, char::len_utf8)]
}

/// Members as slices of the text: the key as written, the key's name, the value.
#[derive(Default)]
struct Raw<'a>(Vec<(Option<&'a str>, String, &'a str)>);

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = access.next_entry::<&RawValue, &RawValue>()? {
            let name = serde_json::from_str(key.get()).unwrap_or_default();
            members.push((Some(key.get()), name, value.get()));
        }
        Ok(Raw(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(value) = access.next_element::<&RawValue>()? {
            members.push((None, members.len().to_string(), value.get()));
        }
        Ok(Raw(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "hosts": {
    "a/b": { "address": "10.0.0.1" }
  },
  "dirs": [ "/one", "/two" ],
  "n": 1.50,
  "n": 2
}
"#;

    fn at(place: &Place) -> &'static str {
        &TEXT[Locator::new(TEXT).range(place)]
    }

    fn pointer(pointer: &str) -> &'static str {
        at(&Place::Pointer(pointer.into()))
    }

    #[test]
    fn a_pointer_finds_its_value() {
        assert_eq!(pointer("/hosts/a~1b/address"), "\"10.0.0.1\"");
        assert_eq!(pointer("/dirs/1"), "\"/two\"");
        assert_eq!(pointer("/dirs"), "[ \"/one\", \"/two\" ]");
    }

    #[test]
    fn a_key_is_found_where_the_key_is_meant() {
        assert_eq!(at(&Place::Key("/hosts/a~1b".into())), "\"a/b\"");
    }

    #[test]
    fn the_last_of_two_equal_keys_is_found() {
        assert_eq!(pointer("/n"), "2");
    }

    #[test]
    fn the_first_of_two_equal_keys_is_found_where_it_is_asked_for() {
        let locator = Locator::new(TEXT);
        let key = |pointer: &str| Place::Key(pointer.into());
        assert_eq!(locator.first(&key("/n")).map(|range| range.start), TEXT.find("\"n\""));
        assert_eq!(locator.first(&key("/dirs")), None);
        assert_eq!(locator.first(&key("/nothing")), None);
        let thrice = Locator::new(r#"{"a":1,"a":2,"a":3}"#);
        assert_eq!(thrice.first(&key("/a")), Some(1..4));
    }

    #[test]
    fn a_value_of_several_lines_is_found_at_its_key() {
        assert_eq!(pointer("/hosts"), "\"hosts\"");
        assert_eq!(pointer(""), "{");
    }

    #[test]
    fn what_is_not_there_is_found_at_the_nearest_value_above_it() {
        assert_eq!(pointer("/hosts/a~1b/rack"), "\"a/b\"");
        assert_eq!(pointer("/dirs/7"), "\"dirs\"");
        assert_eq!(pointer("/n/deep/er"), "\"n\"");
        assert_eq!(pointer("/nothing"), "{");
    }

    #[test]
    fn what_is_not_there_has_the_place_of_the_key_that_lacks_it() {
        let written = |at: &str| Locator::new(TEXT).written(&Place::Pointer(at.into()));
        assert_eq!(written("/hosts/a~1b/address"), Place::Pointer("/hosts/a~1b/address".into()));
        assert_eq!(written("/hosts/a~1b/rack"), Place::Key("/hosts/a~1b".into()));
        assert_eq!(written("/n/deep/er"), Place::Key("/n".into()));
        assert_eq!(written("/kafka/settings/x"), Place::Pointer(String::new()));
        assert_eq!(Locator::new("nonsense").written(&Place::Offset(3)), Place::Offset(3));
    }

    #[test]
    fn a_comment_moves_nothing() {
        let text = "// \"a\": 1\n{ /* \"a\": ü */ \"a\": [ 1, # 2\n 3 ] }";
        let found = Locator::new(text).range(&Place::Pointer("/a/1".into()));
        assert_eq!(&text[found], "3");
    }

    #[test]
    fn an_offset_finds_the_word_there_and_never_leaves_the_text() {
        assert_eq!(at(&Place::Offset(5)), "hosts");
        assert_eq!(at(&Place::Offset(0)), "{");
        assert_eq!(at(&Place::Offset(usize::MAX)), "");
        assert_eq!(Locator::new("ä").range(&Place::Offset(1)), 0..2);
        assert_eq!(Locator::new("").range(&Place::Pointer("/x".into())), 0..0);
    }
}

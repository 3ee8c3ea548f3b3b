//! Values that nobody has to write: where one is unset, it is `null` with the reason.

#![allow(clippy::ref_option, reason = "serde hands over a reference to the field")]

use serde::{Serialize, Serializer};

use super::{Origin, Sourced};

macro_rules! unset {
    ($($name:ident: $reason:literal,)*) => {
        $(pub(super) fn $name<T: Serialize, S: Serializer>(
            value: &Option<Sourced<T>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => value.serialize(serializer),
                None => Sourced::new((), Origin::Default($reason)).serialize(serializer),
            }
        })*
    };
}

unset! {
    domain: "no domain is named",
    rack: "no rack is named",
    memory: "the memory of the host is not known, and the heaps are not checked against it",
    whole_disk: "no whole disk is known, and no disko layout is made",
    cluster_id: "the first broker makes one",
    reach: "everybody may reach it",
}

//! What the launcher and the other programs agree on: the text of properties files, ZooKeeper's four-letter words,
//! the few requests of Kafka that need no library, what Kafka keeps in ZooKeeper, what the launcher says of its
//! server, and the time of a log's line. Without the standard library it can do no input or output: it reads and
//! makes texts and bytes.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod properties;
pub mod four_letter_words;
pub mod registry;
pub mod requests;
pub mod status;
pub mod timestamp;
pub mod directories;

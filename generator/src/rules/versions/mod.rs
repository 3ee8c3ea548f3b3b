//! Releases of the products and of the JDK.

pub(in crate::rules) mod releases;

crate::rules::area! {
    locked_release
    no_pin
    kafka_4
    jdk
    version_compatibility
    end_of_life
    vulnerable
    unverified_digest
    empty_disk_votes
    protocol_version
    protocol_behind
}

//! The ZooKeeper ensemble: its members, quorum and settings.

pub(in crate::rules) mod four_letter_words;
pub(in crate::rules) mod voters;

crate::rules::area! {
    server_id_range
    duplicate_server_id
    no_ensemble
    connect_and_servers
    connect_entry
    only_observers
    session_timeout
    even_ensemble
    rack_quorum
    unmanaged_id
    limits
    large_ensemble
    groups
    srvr_unanswered
    verify_unanswered
    admin_server
    other_quorum
    peers_apart
    idle_weight
    single_voter
    members_differ
    server_id_zero
    bind_every_address
}

//! The brokers: ids, listeners, replication, memory, who may do what.

pub(in crate::rules) mod authorizers;
pub(in crate::rules) mod replication;

crate::rules::area! {
    broker_id_range
    duplicate_broker_id
    inter_broker_listener
    listener_name
    no_listener
    advertised
    same_endpoint
    listener_override
    replication_factor
    min_isr
    min_isr_equal
    rack_spread
    some_racks
    open_listener
    nobody_listener
    chroot
    cluster_id
    control_plane
    listener_prefix
    heap_floor
    heap_memory
    insecure_name
    authorizer_closed
    authorizer_open
    super_users
    single_copy
    bind_every_address
    listener_hosts
    partial_listener
    min_isr_one
}

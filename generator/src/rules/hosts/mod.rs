//! Hosts: their names, addresses, networks and ports.

pub(in crate::rules) mod addresses;
pub(crate) mod names;
pub(in crate::rules) mod ports;

crate::rules::area! {
    no_hosts
    cluster_name
    host_name
    duplicate_name
    duplicate_address
    unusable_address
    no_address
    no_address_in_network
    address_twice
    not_a_host
    port_zero
    port_clash
    idle_host
    metrics_port
    open_zookeeper
    network_name
    address_family
    dead_network
    impossible_port
    foreign_address
    silenced_code
    domain_name
}

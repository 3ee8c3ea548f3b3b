//! What must not change from the last generation to the next one by accident.

pub(in crate::rules) mod moves;

crate::rules::area! {
    id_moved
    directory_gone
    upgrade_in_one
    ensemble_change
    cluster_renamed
    chroot_changed
    protocol_lowered
    both_products
    broker_gone
    inter_broker_renamed
    peers_move
    clients_lost
}

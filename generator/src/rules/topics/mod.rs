//! Declared topics.

crate::rules::area! {
    topic_partitions
    topic_replicas
    topic_name
    topic_collision
    topic_min_isr
    topics_without_brokers
    topic_owned
    power_loss_unclean
    power_loss_zookeeper
    internal_topic
    fatal_topic_setting
    partition_count
    reserved_topic
}

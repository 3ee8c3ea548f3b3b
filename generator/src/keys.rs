//! placeholder
pub fn zookeeper_flag(key: &str) -> Option<&'static str> {
    (key == "jute.maxbuffer").then_some("jute.maxbuffer")
}

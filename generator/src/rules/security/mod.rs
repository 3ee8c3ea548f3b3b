//! TLS: what it needs and who reads it.

crate::rules::area! {
    no_store
    idle_store
    store_path
    client_auth_plaintext
}

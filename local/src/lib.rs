//! The cluster of a spec on this machine: the releases and the JRE that run it, its servers as processes, with the
//! files and flags that the hosts get and no others.

pub mod exclusive;
pub mod products;
pub mod java;
pub mod cluster;

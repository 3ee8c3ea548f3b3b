//! All of kafnix that talks to running servers: the releases and the JRE that run them, the cluster on
//! this machine, and what a running cluster says of itself. It writes no Nix text and reads no spec:
//! it is given a cluster whose rules have passed.

pub mod progress;
pub mod exclusive;
pub mod products;
pub mod java;
pub mod probe;
pub mod local;
mod brokers;
pub mod topics;
pub mod verify;

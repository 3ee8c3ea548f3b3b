//! What an operator asks and wants of a running cluster: whether it is what the spec says, and that it becomes that. It
//! is given a cluster whose rules have passed; it writes no Nix text and reads no spec.

pub mod progress;
pub mod brokers;
mod ensemble;
pub mod snapshot;
mod compare;
pub mod plan;
pub mod apply;
mod repeat;
mod motion;
pub mod observe;
pub mod round_trip;
pub mod publish;
pub mod declared;
pub mod restart;
pub mod turn;
pub mod guard;
pub mod rollout;
pub mod verify;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod fake;

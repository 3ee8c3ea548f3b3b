//! What differs between the generated settings and those that run, as data: for the checks and for the plan.

mod value;
pub(crate) mod broker;
pub(crate) mod server;

pub(crate) use value::{kind, same};

//! Checks many specs, one a line of standard input, and writes of each what is wrong with it, as a line of JSON; of the
//! first, what its hosts get, too. For `tools/keys/compare`.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "it is a program")]

use std::io::{BufRead, Write};

use kafnix_generator::{check, hosts};
use rayon::prelude::*;
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let specs = std::io::stdin().lock().lines().collect::<Result<Vec<_>, _>>()?;
    let first = specs.first().map(|spec| check(spec.as_bytes(), None, &[]));
    let cluster = first.and_then(|checked| checked.cluster);
    let mut answers: Vec<Value> = specs.par_iter().map(|spec| answer(spec.as_bytes())).collect();
    if let (Some(answer), Some(cluster)) = (answers.first_mut(), &cluster) {
        answer["hosts"] = json!(hosts::hosts(cluster));
    }
    let mut out = std::io::stdout().lock();
    answers.iter().try_for_each(|answer| writeln!(out, "{answer}"))
}

fn answer(spec: &[u8]) -> Value {
    json!({ "problems": check(spec, None, &[]).problems })
}

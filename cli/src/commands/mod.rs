//! One file per sub-command: what it takes (`Opts`) and what it does (`run`).

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod init;
#[cfg(feature = "live")]
pub(crate) mod apply;
#[cfg(feature = "live")]
pub(crate) mod asked;
#[cfg(feature = "live")]
pub(crate) mod guard;
#[cfg(feature = "live")]
pub(crate) mod host;
#[cfg(feature = "live")]
pub(crate) mod identity;
#[cfg(feature = "live")]
pub(crate) mod local;
#[cfg(feature = "live")]
pub(crate) mod pki;
#[cfg(feature = "live")]
pub(crate) mod plan;
pub(crate) mod man;
#[cfg(feature = "live")]
pub(crate) mod rollout;
pub(crate) mod schema;
pub(crate) mod show;
#[cfg(feature = "live")]
pub(crate) mod turn;
#[cfg(feature = "live")]
pub(crate) mod verify;

use kafnix_generator::{Cluster, Files, Lock, Problem};

use crate::console::Console;
use crate::input::Input;
use crate::render::{render, summary};
use crate::wrap::wrapped;

/// The errors of a spec that a command cannot do its work with: as JSON the array that `check` prints, in the place of
/// the result.
pub(crate) fn refuse(mut problems: Vec<Problem>, input: &Input, console: &Console) -> anyhow::Result<()> {
    problems.retain(Problem::is_error);
    if console.is_json() {
        return console.json(&problems);
    }
    tell(&problems, input, console);
    Ok(())
}

/// Draws problems beside a result that has the standard output for itself.
pub(crate) fn tell(problems: &[Problem], input: &Input, console: &Console) {
    console.tell(&render(problems, input, console.err));
    if problems.iter().any(Problem::is_error) {
        console.tell(&format!("{}\n", wrapped(&summary(problems), 2, console.err)));
    }
}

pub(crate) fn generate(cluster: &Cluster, before: Option<&Lock>) -> anyhow::Result<Files> {
    kafnix_generator::generate(cluster, before).map_err(|fault| {
        anyhow::anyhow!(
            "kafnix made a wrong file `{}` out of a good spec ({}): please report it with the spec",
            fault.path,
            fault.reason
        )
    })
}

/// A time that an argument gives.
#[cfg(feature = "live")]
pub(crate) fn seconds(text: &str) -> Result<std::time::Duration, String> {
    const MOST: f64 = 3600.0;
    let number = text.parse::<f64>().ok().filter(|number| (0.1..=MOST).contains(number));
    number
        .map(std::time::Duration::from_secs_f64)
        .ok_or_else(|| "a number of seconds from 0.1 to 3600".to_owned())
}

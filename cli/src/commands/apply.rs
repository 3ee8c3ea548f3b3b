//! `kafnix apply`

use anyhow::{Result, anyhow, ensure};
use kafnix_generator::Cluster;
use kafnix_operate::apply;
use kafnix_operate::plan::{self, Identity, Plan};
use serde_json::json;

use super::asked::{Asked, asking};
use super::plan::{report, text};
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::progress::Shown;

/// Do what a plan says and needs no restart
///
/// It shows the plan first, then creates topics, adds partitions, changes settings of topics and lets preferred
/// replicas of the spec's topics lead. It writes no setting of a broker, and deletes no topic but the one that
/// `--delete` names. Whoever is interrupted runs it again. Ends with 0 where nothing is left to do, with 1 where
/// something is for a person, with 2 where a step failed.
///
/// As JSON it prints what `kafnix plan` prints of what is left, with `done` (the steps that were done) and `failed`
/// (those that were not, each with its `reason`); with `--delete` an object with `topic` and `deleted` (false where it
/// was not there).
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    asked: Asked,
    /// Only where the plan is still the one with this digest, as `kafnix plan` printed it
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,
    /// Delete this topic with all its records, and do nothing else
    ///
    /// None of Kafka's own, and none that the spec or the configuration of a host declares.
    #[arg(long, value_name = "TOPIC", conflicts_with = "plan")]
    delete: Option<String>,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let Some(cluster) = opts.asked.cluster("kafnix apply --local", console)? else {
        return Ok(Status::Fault);
    };
    opts.asked.wait_for_others(console)?;
    let plan = asking(&cluster, || plan::ask(&cluster, &opts.asked.options()))?;
    if let Some(digest) = opts.plan.as_ref().filter(|_| !plan.steps.is_empty()) {
        ensure!(
            *digest == plan.digest(),
            "the plan is {} now, and not {digest}: look at it again",
            plan.digest()
        );
    }
    if let Identity::Unwritten(id) = &plan.identity {
        console.note(&format!(
            "the spec does not say which cluster it is, and nothing was done: if it is the one that answers, write \
             `\"clusterId\": \"{id}\"` under `kafka`"
        ));
        return Ok(Status::Problems);
    }
    match &opts.delete {
        Some(topic) => delete(&cluster, topic, opts, console),
        None => apply(&cluster, &plan, opts, console),
    }
}

fn apply(cluster: &Cluster, plan: &Plan, opts: &Opts, console: &Console) -> Result<Status> {
    if !console.is_json() && !plan.steps.is_empty() {
        console.print(&text(plan, console.out))?;
    }
    let steps = plan.steps.len();
    let progress = Shown::on(console);
    let applied = apply::apply(cluster, &opts.asked.options(), plan, &progress);
    progress.clear();
    let applied = applied?;
    let status = report(&applied, &applied.left, console)?;
    if applied.failed.is_empty() {
        return Ok(status);
    }
    let failed =
        applied.failed.iter().map(|failed| format!("topic `{}`: {}", failed.step.topic(), failed.reason));
    let failed = failed.collect::<Vec<_>>().join("; ");
    let unbegun = steps.saturating_sub(applied.done.len() + applied.failed.len());
    console.fault(&match unbegun {
        0 => anyhow!("all else is done, but not this: {failed}"),
        unbegun => anyhow!("{failed}; {unbegun} steps behind it were not begun: run `kafnix apply` again"),
    });
    Ok(Status::Fault)
}

fn delete(cluster: &Cluster, topic: &str, opts: &Opts, console: &Console) -> Result<Status> {
    let progress = Shown::on(console);
    let deleted = apply::delete(cluster, &opts.asked.options(), topic, &progress);
    progress.clear();
    let deleted = deleted?;
    if console.is_json() {
        console.json(&json!({ "topic": topic, "deleted": deleted }))?;
    } else {
        let name = one_line(topic);
        console.print(&if deleted {
            format!("deleted the topic `{name}`\n")
        } else {
            format!("there is no topic `{name}`: nothing was deleted\n")
        })?;
    }
    Ok(Status::Good)
}

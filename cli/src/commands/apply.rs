//! `kafnix apply`

use anyhow::{Result, anyhow, ensure};
use kafnix_generator::Cluster;
use kafnix_operate::apply::{self, Applied, Deleted};
use kafnix_operate::plan::{self, Identity, Plan};
use serde_json::json;

use super::asked::{Asked, asking};
use super::plan::{count, matters, nothing, print, remarks, status, steps};
use crate::console::{Console, one_line};
use crate::exit::Status;
use crate::progress::Shown;

/// Apply what a plan says, as far as it needs no restart
///
/// It shows the steps first, then creates topics, adds partitions, changes settings of topics and lets preferred
/// replicas of the spec's topics lead, and shows what is left. It writes no setting of a broker, and deletes no topic
/// but the one that `--delete` names. After an interruption, run it again.
///
/// A cluster that elects a leader or a controller is asked again for up to 30 s, and a step that it turns away is tried
/// again for up to 60 s; servers that refuse connections are not waited for.
///
/// Exit status: 0 where nothing is left to do. 1 where something is, mostly for a person, or where a deletion has begun
/// and is not finished. 2 where a step failed, where it is not known what is left, since a server did not answer, or
/// where the spec has errors.
///
/// As JSON it prints what `kafnix plan` prints of what is left, with `done` (the steps that were done) and `failed`
/// (those that were not, each with its `reason`); with `--delete` an object with `topic`, `deleted` (false where it was
/// not there, or is not gone yet) and `pending` (whether it is not gone yet).
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    asked: Asked,
    /// Only where the plan is still the one with this digest, as `kafnix plan` printed it
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,
    /// Delete this topic with all its records, and do nothing else
    ///
    /// None of Kafka's own, and none that the spec or the configuration of a host declares. It returns once the topic
    /// is gone. A broker that does not run keeps its replicas until it does: after 60 s the command ends with 1, and
    /// the deletion goes on.
    #[arg(long, value_name = "TOPIC", conflicts_with = "plan")]
    delete: Option<String>,
}

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let Some(cluster) = opts.asked.cluster("kafnix apply --local", console)? else {
        return Ok(Status::Fault);
    };
    opts.asked.wait_for_others(console)?;
    let options = opts.asked.options(&cluster)?;
    let plan = asking(&cluster, console, |progress| plan::ask(&cluster, &options, progress))?;
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
        if console.is_json() {
            let nothing = Applied { done: Vec::new(), failed: Vec::new(), left: plan };
            print(&nothing, &nothing.left, console)?;
        }
        return Ok(Status::Problems);
    }
    match &opts.delete {
        Some(topic) => delete(&cluster, topic, opts, console),
        None => apply(&cluster, &plan, opts, console),
    }
}

fn apply(cluster: &Cluster, plan: &Plan, opts: &Opts, console: &Console) -> Result<Status> {
    if !console.is_json() && !plan.steps.is_empty() {
        let all = count(plan.steps.len(), "step");
        console.print(&format!("{}plan {}: {all}\n", steps(&plan.steps, console.out), plan.digest()))?;
    }
    let progress = Shown::on(console);
    progress.doing(&format!("applying the plan {}", plan.digest()));
    let applied = apply::apply(cluster, &opts.asked.options(cluster)?, plan, &progress);
    progress.clear();
    let applied = applied?;
    if console.is_json() {
        print(&applied, &applied.left, console)?;
    } else {
        console.print(&rest(plan, &applied, console))?;
    }
    if applied.failed.is_empty() {
        return Ok(status(&applied.left));
    }
    let failed =
        applied.failed.iter().map(|failed| format!("topic `{}`: {}", failed.step.topic(), failed.reason));
    let failed = failed.collect::<Vec<_>>().join("; ");
    let unbegun = plan.steps.len().saturating_sub(applied.done.len() + applied.failed.len());
    console.fault(&match unbegun {
        0 => anyhow!("all else is done, but not this: {failed}"),
        unbegun => {
            anyhow!("{failed}; {} behind it not begun: run `kafnix apply` again", count(unbegun, "step"))
        }
    });
    Ok(Status::Fault)
}

/// What was not shown before: what is left beside the steps, and steps that have become necessary meanwhile. Those that
/// failed or were not begun are told with the reason.
fn rest(plan: &Plan, applied: &Applied, console: &Console) -> String {
    let left = &applied.left;
    let unbegun = plan.steps.iter().skip(applied.done.len() + applied.failed.len());
    let told: Vec<_> = applied.failed.iter().map(|failed| &failed.step).chain(unbegun).collect();
    let new = || left.steps.iter().filter(|step| !told.contains(step));
    let more = match new().count() {
        0 => String::new(),
        new => format!(", {} more for `kafnix apply`", count(new, "step")),
    };
    let done = match plan.steps.len() {
        0 => nothing(left).to_owned(),
        all => format!("{} of {} done", applied.done.len(), count(all, "step")),
    };
    format!("{}{}{done}{more}{}\n", steps(new(), console.out), remarks(left, console.out), matters(left))
}

fn delete(cluster: &Cluster, topic: &str, opts: &Opts, console: &Console) -> Result<Status> {
    let options = opts.asked.options(cluster)?;
    let deleted = asking(cluster, console, |progress| apply::delete(cluster, &options, topic, progress))?;
    let is_pending = matches!(deleted, Deleted::Pending(_));
    if console.is_json() {
        let is_gone = deleted == Deleted::Gone;
        console.json(&json!({ "topic": topic, "deleted": is_gone, "pending": is_pending }))?;
    } else {
        let name = one_line(topic);
        console.print(&match &deleted {
            Deleted::Gone => format!("deleted the topic `{name}`\n"),
            Deleted::Absent => format!("there is no topic `{name}`: nothing was deleted\n"),
            Deleted::Pending(down) if down.is_empty() => format!(
                "the topic `{name}` is being deleted and not gone yet, since its brokers still remove their replicas; \
                 the same command tells whether it is\n"
            ),
            Deleted::Pending(down) => format!(
                "the topic `{name}` is being deleted and not gone yet: {} must run for it; the same command tells \
                 whether it is\n",
                down.join(", ")
            ),
        })?;
    }
    Ok(if is_pending { Status::Problems } else { Status::Good })
}

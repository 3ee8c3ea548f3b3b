//! Over a fake cluster that elects a leader, and one that is gone.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use kafnix_client as client;

use super::{LIMIT, OPTIONS, STEPS, once, options, planned, start};
use crate::apply::run;
use crate::observe::{Options, look};
use crate::plan::plan;
use crate::progress::{Noted, Progress, Silent};

/// Keeps what was shown for a moment.
#[derive(Default)]
struct Shown(Mutex<Vec<String>>);

impl Progress for Shown {
    fn note(&self, _: &str) {}
    fn bytes(&self, _: &str, _: u64, _: Option<u64>) {}
    fn server(&self, _: &str, status: &str, _: bool) {
        self.0.lock().unwrap().push(status.to_owned());
    }
}

#[test]
fn an_election_is_waited_for_and_told_after_a_second() {
    client::run(async {
        let fake = start().await;
        let shown = Shown::default();
        fake.shared.state().elects = 5;
        let plan = plan(&fake.cluster, &look(&fake.cluster, &OPTIONS, &shown).await);
        assert_eq!((plan.unknown.as_slice(), fake.shared.state().elects), ([].as_slice(), 0), "{plan:?}");
        let shown = shown.0.into_inner().unwrap();
        assert_eq!(
            shown,
            ["asked again, since no ZooKeeper server serves, though enough of them run for a quorum"]
        );
    })
    .unwrap();
}

#[test]
fn an_election_between_a_plan_and_its_steps_is_waited_for() {
    client::run(async {
        let fake = start().await;
        let shown = planned(&fake).await;
        fake.shared.heal();
        fake.shared.state().elects = 2;
        let applied = run(&fake.cluster, &OPTIONS, &shown, &Silent).await.unwrap();
        assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
    })
    .unwrap();
}

#[test]
fn a_broker_that_does_not_know_yet_what_was_done_is_asked_again() {
    client::run(async {
        let fake = start().await;
        let shown = planned(&fake).await;
        fake.shared.heal();
        let before = fake.shared.state().topics.clone();
        fake.shared.state().before = (before, 3);
        let applied = run(&fake.cluster, &OPTIONS, &shown, &Silent).await.unwrap();
        assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
        assert_eq!((applied.done.len(), fake.shared.state().before.1), (STEPS, 0));
    })
    .unwrap();
}

#[test]
fn an_election_without_end_is_told_in_a_sentence_and_nothing_is_done() {
    static HASTY: Options = options(LIMIT, true, Duration::from_millis(250));
    client::run(async {
        let fake = start().await;
        let shown = planned(&fake).await;
        fake.shared.heal();
        fake.shared.state().elects = usize::MAX;
        let noted = Noted::default();
        let refused = run(&fake.cluster, &HASTY, &shown, &noted).await.unwrap_err().to_string();
        let why = "nothing was done, since it is not known which cluster this is: no ZooKeeper server opens a session; \
                   a: the server does not serve requests";
        assert_eq!(refused, why);
        let told = "the cluster was asked again for 0.25 s, and no ZooKeeper server serves, though enough of them run \
                    for a quorum";
        assert_eq!((noted.told(), fake.shared.state().writes), (vec![told.to_owned()], 0));
    })
    .unwrap();
}

#[test]
fn a_cluster_that_refuses_connections_is_not_waited_for() {
    client::run(async {
        let fake = start().await;
        fake.stop().await;
        let begun = Instant::now();
        let refused = once(&fake).await.unwrap().unwrap_err().to_string();
        assert!(refused.contains("refuses the connection"), "{refused}");
        assert!(begun.elapsed() < OPTIONS.patience / 4, "{:?}", begun.elapsed());
    })
    .unwrap();
}

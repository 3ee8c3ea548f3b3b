//! Over a fake cluster that fails at each write of each kind of step: real servers cannot be made to. Whatever fails,
//! the next run finishes, and what is written of kafnix's settings is true then.

mod motion;

use std::time::Duration;

use anyhow::Result;
use kafnix_client as client;
use kafnix_client::Access;
use kafnix_protocol::registry::{CLUSTER_ID, KAFKA_TOPICS, OwnedTopic, TOPICS};
use serde_json::json;

use super::{Applied, Deleted, STEP, delete, run};
use crate::fake::{Fake, Fault, State, Topic};
use crate::observe::{Options, look};
use crate::plan::{Plan, plan};
use crate::progress::{Noted, Silent};

/// No response takes so long, but where none comes.
static OPTIONS: Options = options(LIMIT, true, LIMIT);
const LIMIT: Duration = Duration::from_secs(20);

const fn options(limit: Duration, local: bool, patience: Duration) -> Options {
    Options { access: Access::plain(limit), local, peers: false, patience }
}

/// One of each kind.
const STEPS: usize = 4;

const NOT_CONTROLLER: i16 = 41;
const POLICY_VIOLATION: i16 = 44;
const DELETION_DISABLED: i16 = 73;

/// A cluster that needs every kind of step.
async fn start() -> Fake {
    let topics = json!({
        "created": { "partitions": 2, "settings": { "retention.ms": 1000 } },
        "grown": { "partitions": 3 },
        "altered": { "settings": { "retention.ms": 2000 } },
        "moved": {},
    });
    let fake = Fake::start(topics, None).await;
    let mut state = fake.shared.state();
    state.create("grown", &[1], &[]);
    state.create("moved", &[1, 2], &[]);
    state.topics.get_mut("moved").unwrap().replicas = vec![1, 2];
    let settings = [("retention.ms", "5"), ("max.message.bytes", "7"), ("segment.bytes", "9")];
    let created = state.create("altered", &[1], &settings);
    own(&mut state, "altered", &["retention.ms", "max.message.bytes"], created);
    let created = state.create("unwanted", &[1], &[("retention.ms", "1")]);
    own(&mut state, "unwanted", &["retention.ms"], created);
    drop(state);
    fake
}

fn own(state: &mut State, topic: &str, keys: &[&str], created: i64) {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    let owned = OwnedTopic { keys, created: Some(created) };
    state.put(&format!("{TOPICS}/{topic}"), &serde_json::to_string(&owned).unwrap());
}

async fn planned(fake: &Fake) -> Plan {
    plan(&fake.cluster, &look(&fake.cluster, &OPTIONS, &Silent).await)
}

/// A whole run; nothing where it was killed.
async fn once(fake: &Fake) -> Option<Result<Applied>> {
    let run = async { run(&fake.cluster, &OPTIONS, &planned(fake).await, &Silent).await };
    unless_killed(fake, Box::pin(run)).await
}

async fn unless_killed<T>(fake: &Fake, run: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = fake.shared.killed.notified() => None,
        done = run => Some(done),
    }
}

/// How many writes a run makes that nothing happens to.
async fn writes() -> usize {
    let fake = start().await;
    fake.shared.heal();
    let applied = once(&fake).await.unwrap().unwrap();
    assert_eq!(applied.done.len(), STEPS, "{applied:?}");
    assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
    is_as_the_spec_says(&fake);
    let writes = fake.shared.state().writes;
    assert!(writes >= 2 * STEPS, "{writes}");
    writes
}

/// The next run does what is left.
async fn finish(fake: &Fake) {
    fake.shared.heal();
    let applied = once(fake).await.unwrap().unwrap();
    assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
    is_as_the_spec_says(fake);
}

fn is_as_the_spec_says(fake: &Fake) {
    let state = fake.shared.state();
    let topic = |leaders: &[i32], replicas: &[i32], settings: &[(&str, &str)]| Topic {
        leaders: leaders.to_vec(),
        replicas: replicas.to_vec(),
        settings: settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    };
    assert_eq!(state.topics["created"], topic(&[1, 1], &[1], &[("retention.ms", "1000")]));
    assert_eq!(state.topics["grown"], topic(&[1, 1, 1], &[1], &[]));
    let settings = [("retention.ms", "2000"), ("segment.bytes", "9")];
    assert_eq!(state.topics["altered"], topic(&[1], &[1], &settings));
    assert_eq!(state.topics["moved"], topic(&[1, 1], &[1, 2], &[]));
    for name in ["created", "altered"] {
        let created = Some(state.get(&format!("{KAFKA_TOPICS}/{name}")).unwrap().created);
        let keys = ["retention.ms".to_owned()].into();
        assert_eq!(owned(&state, name), Some(OwnedTopic { keys, created }), "{name}");
    }
    assert_eq!((owned(&state, "grown"), owned(&state, "moved")), (None, None));
}

fn owned(state: &State, topic: &str) -> Option<OwnedTopic> {
    let node = state.get(&format!("{TOPICS}/{topic}"))?;
    Some(serde_json::from_slice(&node.data).unwrap())
}

#[test]
fn a_run_that_is_killed_at_any_write_is_finished_by_the_next() {
    client::run(async {
        for number in 0..writes().await {
            for done in [false, true] {
                let fake = start().await;
                fake.shared.fail(number, Fault::Killed { done });
                assert!(once(&fake).await.is_none(), "nothing was killed at write {number}");
                finish(&fake).await;
            }
        }
    })
    .unwrap();
}

#[test]
fn a_connection_that_breaks_at_any_write_and_a_controller_that_moves_are_overcome() {
    client::run(async {
        for number in 0..writes().await {
            for fault in
                [Fault::Broken { done: false }, Fault::Broken { done: true }, Fault::Refused(NOT_CONTROLLER)]
            {
                let fake = start().await;
                fake.shared.fail(number, fault);
                let applied = once(&fake).await.unwrap().unwrap();
                assert!(fake.shared.has_failed());
                assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
                assert_eq!(applied.done.len(), STEPS);
                finish(&fake).await;
            }
        }
    })
    .unwrap();
}

#[test]
fn what_is_refused_is_told_and_keeps_no_other_step_from_being_done() {
    client::run(async {
        let mut refused = 0;
        for number in 0..writes().await {
            let fake = start().await;
            fake.shared.fail(number, Fault::Refused(POLICY_VIOLATION));
            let applied = once(&fake).await.unwrap().unwrap();
            assert_eq!(applied.done.len() + applied.failed.len(), STEPS, "{applied:?}");
            let left: Vec<_> = applied.failed.iter().map(|failed| failed.step.clone()).collect();
            assert_eq!(applied.left.steps, left);
            assert!(applied.failed.iter().all(|failed| failed.reason.contains("PolicyViolation")));
            refused += left.len();
            finish(&fake).await;
        }
        // The ensemble has no such error: what it does not take is tried again.
        assert_eq!(refused, STEPS);
    })
    .unwrap();
}

#[test]
fn a_response_that_never_comes_is_waited_for_no_longer_than_is_said() {
    static HASTY: Options = options(Duration::from_secs(2), true, LIMIT);
    /// Behind what is written of the topic that is to be created.
    const CREATE: usize = 1;
    client::run(async {
        for done in [false, true] {
            let fake = start().await;
            let shown = planned(&fake).await;
            fake.shared.fail(CREATE, Fault::Silent { done });
            let applied = run(&fake.cluster, &HASTY, &shown, &Silent).await.unwrap();
            assert!(fake.shared.has_failed());
            assert_eq!((applied.failed, applied.left.steps), (Vec::new(), Vec::new()));
            finish(&fake).await;
        }
    })
    .unwrap();
}

#[test]
fn a_deletion_that_is_interrupted_at_any_write_is_finished_by_the_next() {
    client::run(async {
        // the request, and what is written of the topic
        for number in 0..2 {
            for fault in [
                Fault::Killed { done: false },
                Fault::Killed { done: true },
                Fault::Broken { done: false },
                Fault::Broken { done: true },
                Fault::Refused(NOT_CONTROLLER),
            ] {
                let fake = start().await;
                fake.shared.fail(number, fault);
                let run = delete::run(&fake.cluster, &OPTIONS, "unwanted", STEP, &Silent);
                let deleted = unless_killed(&fake, Box::pin(run)).await;
                assert!(fake.shared.has_failed());
                assert_eq!(deleted.is_none(), matches!(fault, Fault::Killed { .. }));
                assert!(deleted.is_none_or(|deleted| deleted.unwrap() == Deleted::Gone));
                fake.shared.heal();
                delete::run(&fake.cluster, &OPTIONS, "unwanted", STEP, &Silent).await.unwrap();
                let again = delete::run(&fake.cluster, &OPTIONS, "unwanted", STEP, &Silent).await.unwrap();
                assert_eq!(again, Deleted::Absent);
                let state = fake.shared.state();
                assert!(!state.topics.contains_key("unwanted"));
                assert_eq!((owned(&state, "unwanted"), state.topics.len()), (None, 3));
            }
        }
    })
    .unwrap();
}

#[test]
fn no_topic_is_deleted_that_somebody_needs() {
    client::run(async {
        let fake = start().await;
        fake.shared.state().put("/kafnix/hosts/kafka02", r#"{ "generated": "0", "topics": ["unwanted"] }"#);
        fake.shared.heal();
        for (topic, words) in [
            ("__consumer_offsets", "is an internal topic"),
            ("grown", "the spec declares"),
            ("unwanted", "the configuration of kafka02 declares"),
            ("unwanted", "`zkCli.sh deleteall /t/kafnix/hosts/kafka02` forgets it"),
            ("grown/partitions", "is not a valid topic name"),
            ("../topics/grown", "is not a valid topic name"),
            ("", "is not a valid topic name"),
        ] {
            let refused =
                delete::run(&fake.cluster, &OPTIONS, topic, STEP, &Silent).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        let state = fake.shared.state();
        assert_eq!((state.topics.len(), state.writes), (4, 0));
    })
    .unwrap();
}

#[test]
fn what_a_host_has_published_and_nobody_can_read_may_declare_a_topic() {
    client::run(async {
        for garbage in ["", "no JSON", r#"{ "version": 2, "declared": ["unwanted"] }"#] {
            let fake = start().await;
            fake.shared.state().put("/kafnix/hosts/a", garbage);
            fake.shared.heal();
            let run = delete::run(&fake.cluster, &OPTIONS, "unwanted", STEP, &Silent);
            let refused = run.await.unwrap_err().to_string();
            assert!(refused.contains("a has published in `/t/kafnix/hosts/a` cannot be read"), "{refused}");
            assert!(
                refused.ends_with("`systemctl start kafnix-generation` there writes it again"),
                "{refused}"
            );
            assert_eq!(fake.shared.state().writes, 0);
        }
    })
    .unwrap();
}

#[test]
fn hosts_that_have_published_nothing_are_named_before_a_topic_goes() {
    const ID: &str = "kaCVvJKbSYCDDfHkl6OUkg";
    static HOSTS: Options = options(LIMIT, false, LIMIT);
    client::run(async {
        for is_published in [false, true] {
            let fake = Fake::start(json!({}), Some(ID)).await;
            {
                let mut state = fake.shared.state();
                state.put(CLUSTER_ID, &json!({ "version": "1", "id": ID }).to_string());
                state.create("unwanted", &[1], &[]);
                if is_published {
                    state.put("/kafnix/hosts/a", r#"{ "topics": [] }"#);
                }
            }
            let noted = Noted::default();
            let deleted = delete::run(&fake.cluster, &HOSTS, "unwanted", STEP, &noted).await;
            assert_eq!(deleted.unwrap(), Deleted::Gone);
            let told = noted.told().iter().any(|note| note.contains("the configuration of a declares"));
            assert_eq!(told, !is_published, "{noted:?}");
        }
    })
    .unwrap();
}

#[test]
fn a_deletion_that_does_not_end_is_pending() {
    const SHORT: Duration = Duration::from_millis(250);
    client::run(async {
        let fake = start().await;
        fake.shared.state().keeps_topics = true;
        fake.shared.heal();
        let run = || delete::run(&fake.cluster, &OPTIONS, "unwanted", SHORT, &Silent);
        assert_eq!(run().await.unwrap(), Deleted::Pending(Vec::new()));
        assert!(owned(&fake.shared.state(), "unwanted").is_some());
        // The next one finds it begun.
        assert_eq!(run().await.unwrap(), Deleted::Pending(Vec::new()));
        fake.shared.state().keeps_topics = false;
        fake.shared.state().delete("unwanted");
        assert_eq!(run().await.unwrap(), Deleted::Absent);
        assert!(owned(&fake.shared.state(), "unwanted").is_none());
    })
    .unwrap();
}

#[test]
fn brokers_that_delete_no_topic_are_told_of() {
    client::run(async {
        let fake = start().await;
        fake.shared.fail(0, Fault::Refused(DELETION_DISABLED));
        let refused = delete::run(&fake.cluster, &OPTIONS, "unwanted", STEP, &Silent).await.unwrap_err();
        assert!(refused.to_string().contains("`delete.topic.enable` is false"), "{refused}");
        assert!(owned(&fake.shared.state(), "unwanted").is_some());
    })
    .unwrap();
}

#[test]
fn another_cluster_behind_the_addresses_is_left_alone() {
    client::run(async {
        let fake = start().await;
        let shown = planned(&fake).await;
        fake.shared.state().put(CLUSTER_ID, r#"{"version":"1","id":"another"}"#);
        fake.shared.heal();
        let refused = run(&fake.cluster, &OPTIONS, &shown, &Silent).await.unwrap_err().to_string();
        assert!(refused.contains("has changed since the plan"), "{refused}");
        let named = Fake::start(json!({ "created": {} }), Some("kaCVvJKbSYCDDfHkl6OUkg")).await;
        named.shared.heal();
        let shown = planned(&named).await;
        for refused in [
            run(&named.cluster, &OPTIONS, &shown, &Silent).await.unwrap_err(),
            delete::run(&named.cluster, &OPTIONS, "unwanted", STEP, &Silent).await.unwrap_err(),
        ] {
            assert!(refused.to_string().contains("the cluster that answers is fake, not that"), "{refused}");
        }
        assert_eq!((fake.shared.state().writes, named.shared.state().writes), (0, 0));
    })
    .unwrap();
}

//! Over an ensemble in this process, which can be looked at.

use std::time::Duration;

use kafnix_client as client;
use kafnix_client::Target;
use kafnix_client::zookeeper::session;
use serde_json::json;

use super::*;
use crate::fake::Fake;

const ENSEMBLE: &str = ENSEMBLE_TURN;
const BROKERS: &str = "/t/kafnix/turn";

fn of(host: &str) -> Turn {
    Turn { host: host.to_owned(), boot: "1".to_owned(), ..Turn::default() }
}

fn nodes() -> Vec<String> {
    vec![ENSEMBLE.to_owned(), BROKERS.to_owned()]
}

async fn opened(fake: &Fake) -> Client {
    let address = &fake.cluster.ensemble().connect.value[0];
    session::open(&Target::new(address, Duration::from_secs(20))).await.unwrap()
}

/// Who has each node.
async fn hosts(session: &Client) -> Vec<String> {
    let held = holders(session, &nodes()).await.unwrap();
    held.into_iter().map(|held| held.turn.host).collect()
}

#[test]
fn of_two_hosts_that_ask_at_once_one_has_it() {
    client::run(async {
        for _ in 0..20 {
            let fake = Fake::start(json!({}), None).await;
            let (one, other) = (opened(&fake).await, opened(&fake).await);
            let (all, a, b) = (nodes(), of("a"), of("b"));
            let both = tokio::join!(take(&one, &all, &a), take(&other, &all, &b));
            let has = hosts(&one).await;
            match (both.0.unwrap(), both.1.unwrap()) {
                (Taken::Yes { new }, Taken::HeldBy(held)) => {
                    assert_eq!((new, held.turn.host.as_str(), has), (all, "a", vec!["a".to_owned(); 2]));
                }
                (Taken::HeldBy(held), Taken::Yes { new }) => {
                    assert_eq!((new, held.turn.host.as_str(), has), (all, "b", vec!["b".to_owned(); 2]));
                }
                both => panic!("{both:?}"),
            }
        }
    })
    .unwrap();
}

#[test]
fn a_host_takes_all_or_nothing() {
    client::run(async {
        let fake = Fake::start(json!({}), None).await;
        let session = opened(&fake).await;
        take(&session, &[BROKERS.to_owned()], &of("b")).await.unwrap();
        let taken = take(&session, &nodes(), &of("a")).await.unwrap();
        assert!(matches!(taken, Taken::HeldBy(held) if held.turn.host == "b"));
        assert_eq!(hosts(&session).await, ["b"]);
    })
    .unwrap();
}

#[test]
fn the_host_that_has_it_takes_it_again_and_gives_back_its_own_alone() {
    client::run(async {
        let fake = Fake::start(json!({}), None).await;
        let session = opened(&fake).await;
        take(&session, &nodes(), &of("a")).await.unwrap();
        let before = holders(&session, &nodes()).await.unwrap();
        let again = Turn { boot: "2".to_owned(), ..of("a") };
        assert_eq!(take(&session, &nodes(), &again).await.unwrap(), Taken::Yes { new: Vec::new() });
        assert_eq!(holders(&session, &nodes()).await.unwrap()[0].turn.boot, "2");
        // What was read before is another turn than the one that is there.
        assert!(!delete(&session, &before[0]).await.unwrap());
        assert!(!give_back(&session, &nodes(), "b").await.unwrap());
        assert_eq!(hosts(&session).await, ["a", "a"]);
        assert!(give_back(&session, &nodes(), "a").await.unwrap());
        assert!(hosts(&session).await.is_empty());
    })
    .unwrap();
}

#[test]
fn a_turn_that_nobody_can_read_is_somebodys() {
    client::run(async {
        let fake = Fake::start(json!({}), None).await;
        let session = opened(&fake).await;
        take(&session, &nodes(), &of("a")).await.unwrap();
        session.set_data(ENSEMBLE, b"garbage", None).await.unwrap();
        let taken = take(&session, &nodes(), &of("a")).await.unwrap();
        let Taken::HeldBy(held) = taken else { panic!("{taken:?}") };
        let name = "(unreadable: /kafnix/ensemble/turn)";
        assert_eq!(held.turn.host, name);
        assert!(give_back(&session, &nodes(), name).await.unwrap());
        assert_eq!(hosts(&session).await, ["a"]);
    })
    .unwrap();
}

#[test]
fn which_nodes_a_host_takes_depends_on_its_servers_and_on_whose_the_ensemble_is() {
    let of = |spec: &str, host: &str| {
        let cluster = kafnix_generator::check(spec.as_bytes(), None, &[]).cluster.unwrap();
        paths(&cluster, cluster.host(host).unwrap())
    };
    let hosts = r#""hosts": { "a": { "address": "10.0.0.1" }, "b": { "address": "10.0.0.2" } }"#;
    let servers = r#""zookeeper": { "hosts": { "a": {} } }, "kafka": { "hosts": { "b": {} } }"#;
    let apart = format!(r#"{{ "name": "t", {hosts}, {servers} }}"#);
    assert_eq!(of(&apart, "a"), [ENSEMBLE]);
    assert_eq!(of(&apart, "b"), [ENSEMBLE, BROKERS]);
    let elsewhere = format!(r#"{{ "name": "t", {hosts}, "zookeeper": {{ "connect": ["10.9.9.9:2181"] }} }}"#);
    assert_eq!(of(&elsewhere, "a"), [BROKERS]);
}

//! A cluster of one host in this process: a ZooKeeper server and a broker that speak the real protocols, as far as
//! observing and applying need them, over a state that a test can look at. One write can be made to fail.

mod broker;
mod ensemble;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_generator::cluster::{Origin, Sourced, Stores};
use kafnix_generator::hosts::hosts;
use kafnix_generator::resolve::relocate::{Elsewhere, REASON};
use kafnix_generator::role::Role;
use kafnix_generator::spec::{Address, Heap, State as EnsembleState};
use kafnix_protocol::registry::{BROKER_IDS, CLUSTER_ID, CONTROLLER, KAFKA_TOPICS, below};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::observe::chroot;

pub(crate) struct Fake {
    pub(crate) cluster: Cluster,
    pub(crate) shared: Arc<Shared>,
    serving: [AbortHandle; 2],
}

pub(crate) struct Shared {
    state: Mutex<State>,
    /// Told once whoever writes is to be killed.
    pub(crate) killed: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    chroot: String,
    pub(crate) nodes: BTreeMap<String, Node>,
    pub(crate) topics: BTreeMap<String, Topic>,
    /// Of the broker, as it was generated.
    pub(crate) config: Vec<(String, String)>,
    /// How many requests came to the broker.
    pub(crate) requests: usize,
    /// How many writes came.
    pub(crate) writes: usize,
    /// How often the server is still to say that its ensemble elects a leader.
    pub(crate) elects: usize,
    /// The topics that the broker still tells of, and how often.
    pub(crate) before: (BTreeMap<String, Topic>, usize),
    /// Whether a deletion begins and does not end.
    pub(crate) keeps_topics: bool,
    fault: Option<(usize, Fault)>,
    zxid: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) data: Vec<u8>,
    pub(crate) created: i64,
    pub(crate) version: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    /// Who leads each partition.
    pub(crate) leaders: Vec<i32>,
    /// Of each partition, the preferred one first.
    pub(crate) replicas: Vec<i32>,
    pub(crate) settings: BTreeMap<String, String>,
}

/// What goes wrong with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks before or after it is done.
    Broken { done: bool },
    /// Whoever writes is killed before or after it is done.
    Killed { done: bool },
    /// No response comes, whether it is done or not.
    Silent { done: bool },
    /// An error of Kafka's.
    Refused(i16),
}

impl Fake {
    /// Must run where connections are to be served.
    pub(crate) async fn start(topics: Value, cluster_id: Option<&str>) -> Self {
        let (zookeeper, kafka) = (listen().await, listen().await);
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let mut spec = json!({
            "name": "t",
            "hosts": { "a": { "address": "10.0.0.1" } },
            "zookeeper": { "clientPort": port(&zookeeper), "dataDir": "/data/zookeeper" },
            "kafka": { "listeners": { "PLAINTEXT": { "port": port(&kafka) } }, "logDirs": ["/data/kafka"] },
            "topics": topics,
        });
        if let Some(id) = cluster_id {
            spec["kafka"]["clusterId"] = id.into();
        }
        let checked = kafnix_generator::check(spec.to_string().as_bytes(), None, &[]);
        let cluster = checked.cluster.unwrap_or_else(|| panic!("{:?}", checked.problems)).relocated(&Here);
        let shared = Arc::new(Shared { state: Mutex::new(State::of(&cluster)), killed: Notify::new() });
        let serving = [
            tokio::spawn(accept(zookeeper, shared.clone(), ensemble::serve)).abort_handle(),
            tokio::spawn(accept(kafka, shared.clone(), broker::serve)).abort_handle(),
        ];
        Self { cluster, shared, serving }
    }

    /// From now on nobody listens.
    pub(crate) async fn stop(&self) {
        for serving in &self.serving {
            serving.abort();
            while !serving.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

async fn accept<F: Future<Output = Result<()>> + Send + 'static>(
    listener: TcpListener,
    shared: Arc<Shared>,
    serve: fn(tokio::net::TcpStream, Arc<Shared>) -> F,
) {
    while let Ok((stream, _)) = listener.accept().await {
        // Responses are small, and written in two parts.
        stream.set_nodelay(true).unwrap();
        tokio::spawn(serve(stream, shared.clone()));
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// From now on the write with this number fails; the first one is 0.
    pub(crate) fn fail(&self, number: usize, fault: Fault) {
        let mut state = self.state();
        (state.writes, state.fault) = (0, Some((number, fault)));
    }

    /// Whether the ensemble elects a leader, which it does so often.
    pub(crate) fn is_electing(&self) -> bool {
        let mut state = self.state();
        let is_electing = state.elects > 0;
        state.elects = state.elects.saturating_sub(1);
        is_electing
    }

    /// From now on all goes well.
    pub(crate) fn heal(&self) {
        self.fail(usize::MAX, Fault::Refused(0));
    }

    /// Whether the fault has come to pass.
    pub(crate) fn has_failed(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|(number, _)| state.writes > number)
    }

    /// What becomes of a write: its response, or why there is none.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut State) -> T,
        refuse: impl FnOnce(i16) -> T,
    ) -> Result<T, Fault> {
        let mut state = self.state();
        let number = state.writes;
        state.writes += 1;
        let Some((_, fault)) = state.fault.filter(|(at, _)| *at == number) else {
            return Ok(work(&mut state));
        };
        match fault {
            Fault::Refused(code) => return Ok(refuse(code)),
            Fault::Broken { done } | Fault::Killed { done } | Fault::Silent { done } => {
                if done {
                    work(&mut state);
                }
            }
        }
        if let Fault::Killed { .. } = fault {
            self.killed.notify_one();
        }
        Err(fault)
    }
}

/// Ends a connection on account of a fault, or never.
pub(crate) async fn end(fault: Fault) -> Result<()> {
    if let Fault::Silent { .. } = fault {
        std::future::pending::<()>().await;
    }
    Ok(())
}

impl State {
    fn of(cluster: &Cluster) -> Self {
        let host = hosts(cluster).swap_remove(0);
        let settings = host.services[&Role::Broker].settings.iter();
        let config =
            settings.filter_map(|(key, setting)| Some(((*key).to_owned(), setting.plain()?.into_owned())));
        let mut state =
            Self { chroot: chroot(cluster).to_owned(), config: config.collect(), ..Self::default() };
        let id = cluster.brokers().next().unwrap().1.id.value;
        assert_eq!(id, 1);
        state.put(CONTROLLER, r#"{"version":1,"brokerid":1}"#);
        state.put(CLUSTER_ID, r#"{"version":"1","id":"fake"}"#);
        state.put(&format!("{BROKER_IDS}/1"), r#"{"endpoints":["PLAINTEXT://127.0.0.1:9092"]}"#);
        state
    }

    pub(crate) fn next_zxid(&mut self) -> i64 {
        self.zxid += 1;
        self.zxid
    }

    /// Writes a node below the chroot, with those that it stands below.
    pub(crate) fn put(&mut self, path: &str, data: &str) -> i64 {
        let path = below(&self.chroot, path);
        for (end, _) in path.match_indices('/').skip(1) {
            let created = self.next_zxid();
            let parent = Node { data: Vec::new(), created, version: 0 };
            self.nodes.entry(path[..end].to_owned()).or_insert(parent);
        }
        let created = self.next_zxid();
        self.nodes.insert(path, Node { data: data.as_bytes().to_vec(), created, version: 0 });
        created
    }

    /// The node of a path below the chroot.
    pub(crate) fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(&below(&self.chroot, path))
    }

    /// What the broker knows of all topics, which the controller has not told it yet of what comes from now on.
    pub(crate) fn known(&mut self) -> &BTreeMap<String, Topic> {
        if self.before.1 == 0 {
            return &self.topics;
        }
        self.before.1 -= 1;
        &self.before.0
    }

    /// Creates a topic as a controller does, and returns the transaction that did it.
    pub(crate) fn create(&mut self, name: &str, leaders: &[i32], settings: &[(&str, &str)]) -> i64 {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let topic = Topic { leaders: leaders.to_vec(), replicas: vec![1], settings: settings.collect() };
        self.topics.insert(name.to_owned(), topic);
        self.put(&format!("{KAFKA_TOPICS}/{name}"), "{}")
    }

    pub(crate) fn delete(&mut self, name: &str) -> bool {
        if !self.keeps_topics {
            self.nodes.remove(&below(&self.chroot, &format!("{KAFKA_TOPICS}/{name}")));
        }
        self.topics.remove(name).is_some()
    }
}

/// The cluster of the spec on this machine, where the spec says.
struct Here;

impl Elsewhere for Here {
    fn address(&self, _: Address) -> Address {
        Address([127, 0, 0, 1].into())
    }

    fn directory(&self, _: &str, path: &str) -> String {
        path.to_owned()
    }

    fn heap(&self, _: Role, heap: Heap) -> Heap {
        heap
    }

    fn stores(&self, _: &str, role: Role) -> Stores {
        Stores::of(role)
    }

    fn state(&self, _: &str) -> Sourced<EnsembleState> {
        Sourced::new(EnsembleState::New, Origin::Default(REASON))
    }

    fn file(&self, path: &str) -> String {
        path.to_owned()
    }
}

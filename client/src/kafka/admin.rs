//! What a broker is asked: of the cluster, its topics, its configuration and its directories. The answers
//! are plain data, so that whoever judges them needs neither a broker nor the protocol.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::list_partition_reassignments_response::OngoingTopicReassignment;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    BrokerId, CreateTopicsRequest, DeleteTopicsRequest, DescribeConfigsRequest, DescribeLogDirsRequest,
    ListPartitionReassignmentsRequest, MetadataRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use serde::{Deserialize, Serialize};

use super::alter::{Refusal, refusal};
use super::{Connection, ensure, error};

/// What one broker knows of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    pub cluster_id: Option<String>,
    pub controller: Option<i64>,
    pub brokers: Vec<i64>,
    pub topics: Vec<Topic>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub name: String,
    pub internal: bool,
    /// Why the broker does not tell of it, if it does not.
    pub error: Option<String>,
    pub partitions: Vec<Partition>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    pub index: i32,
    pub leader: Option<i64>,
    pub replicas: Vec<i64>,
    pub in_sync: Vec<i64>,
    pub offline: Vec<i64>,
}

/// Where a broker has a value of its configuration from. A lower one wins over a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    Topic,
    /// Written into `ZooKeeper` for this broker.
    DynamicBroker,
    /// Written into `ZooKeeper` for all brokers.
    DynamicDefault,
    /// The file.
    Static,
    Default,
    Other,
}

impl Source {
    fn read(code: i8) -> Self {
        match code {
            1 => Self::Topic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefault,
            4 => Self::Static,
            5 => Self::Default,
            _ => Self::Other,
        }
    }

    pub fn is_dynamic(self) -> bool {
        matches!(self, Self::DynamicBroker | Self::DynamicDefault)
    }
}

/// One key of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub key: String,
    /// Absent where there is none, and where Kafka does not tell it: for what it holds for a secret, which
    /// is every key that it does not know, too.
    pub value: Option<String>,
    pub secret: bool,
    pub source: Source,
    /// The values that this one wins over, and itself.
    pub layers: Vec<(Source, Option<String>)>,
}

impl Entry {
    /// What the file says, or would say.
    pub fn static_value(&self) -> Option<&str> {
        self.layer(|source| !source.is_dynamic())
    }

    /// What holds where nobody says anything.
    pub fn default_value(&self) -> Option<&str> {
        self.layer(|source| source == Source::Default)
    }

    fn layer(&self, fits: impl Fn(Source) -> bool) -> Option<&str> {
        self.layers.iter().find(|(source, _)| fits(*source))?.1.as_deref()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDir {
    pub path: String,
    pub error: Option<String>,
    /// The bytes of its file system, and those that the broker can still write; brokers tell from 3.3 on.
    pub space: Option<Space>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    pub total: u64,
    pub usable: u64,
}

#[derive(Clone, Debug)]
pub enum Of<'a> {
    Topic(&'a str),
    Broker(i64),
}

/// A topic that is to be created.
#[derive(Clone, Debug)]
pub struct NewTopic {
    pub name: String,
    pub shape: Shape,
    pub settings: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub enum Shape {
    Counted {
        partitions: i32,
        replicas: i16,
    },
    /// For each partition its brokers, the one to lead first.
    Placed(Vec<Vec<i64>>),
}

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

fn ids(ids: &[BrokerId]) -> Vec<i64> {
    ids.iter().map(|id| i64::from(id.0)).collect()
}

/// −1 stands for nobody.
fn known(id: BrokerId) -> Option<i64> {
    (id.0 >= 0).then_some(i64::from(id.0))
}

impl Connection {
    /// Asks for the cluster and the topics that are named; all of them, where none is.
    pub async fn metadata(&mut self, topics: Option<&[&str]>) -> Result<Metadata> {
        let named = |name: &&str| MetadataRequestTopic::default().with_name(Some(topic_name(name)));
        let request = MetadataRequest::default()
            .with_topics(topics.map(|names| names.iter().map(named).collect()))
            .with_allow_auto_topic_creation(false);
        let answer = self.ask(&request).await?;
        Ok(Metadata {
            cluster_id: answer.cluster_id.map(|id| id.to_string()),
            controller: known(answer.controller_id),
            brokers: answer.brokers.iter().map(|broker| i64::from(broker.node_id.0)).collect(),
            topics: answer.topics.into_iter().map(topic).collect(),
        })
    }

    /// The configuration of each, in their order; of all keys, where none is named.
    pub async fn configs(&mut self, of: &[Of<'_>], keys: Option<&[&str]>) -> Result<Vec<Vec<Entry>>> {
        let resource = |of: &Of<'_>| {
            let (kind, name) = match of {
                Of::Topic(name) => (2, text(name)),
                Of::Broker(id) => (4, text(&id.to_string())),
            };
            DescribeConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(name)
                .with_configuration_keys(keys.map(|keys| keys.iter().map(|key| text(key)).collect()))
        };
        let request = DescribeConfigsRequest::default()
            .with_resources(of.iter().map(resource).collect())
            .with_include_synonyms(true);
        let mut results = self.ask(&request).await?.results;
        of.iter().map(|of| entries(of, &mut results)).collect()
    }

    pub async fn log_dirs(&mut self) -> Result<Vec<LogDir>> {
        let answer = self.ask(&DescribeLogDirsRequest::default().with_topics(Some(Vec::new()))).await?;
        ensure(answer.error_code)?;
        let dir = |dir: kafka_protocol::messages::describe_log_dirs_response::DescribeLogDirsResult| LogDir {
            path: dir.log_dir.to_string(),
            error: error(dir.error_code),
            // −1 stands for a broker that does not know
            space: u64::try_from(dir.total_bytes)
                .ok()
                .zip(u64::try_from(dir.usable_bytes).ok())
                .map(|(total, usable)| Space { total, usable }),
        };
        Ok(answer.results.into_iter().map(dir).collect())
    }

    /// The partitions that are being given other replicas, by topic; only the controller knows.
    pub async fn reassignments(&mut self) -> Result<BTreeMap<String, Vec<i32>>> {
        let request =
            ListPartitionReassignmentsRequest::default().with_timeout_ms(self.timeout()).with_topics(None);
        let answer = self.ask(&request).await?;
        ensure(answer.error_code)?;
        let partitions = |topic: OngoingTopicReassignment| {
            (topic.name.0.to_string(), topic.partitions.iter().map(|of| of.partition_index).collect())
        };
        Ok(answer.topics.into_iter().map(partitions).collect())
    }

    /// Creates topics; only the controller takes it. For each that could not be created its name and why.
    pub async fn create_topics(&mut self, topics: &[NewTopic]) -> Result<Vec<(String, Refusal)>> {
        let request = CreateTopicsRequest::default()
            .with_topics(topics.iter().map(creatable).collect())
            .with_timeout_ms(self.timeout());
        let answer = self.ask(&request).await?;
        let failed = answer.topics.into_iter().filter_map(|topic| {
            Some((topic.name.0.to_string(), refusal(topic.error_code, topic.error_message)?))
        });
        Ok(failed.collect())
    }

    /// Removes topics; only the controller takes it. For each that could not be removed its name and why.
    pub async fn delete_topics(&mut self, names: &[String]) -> Result<Vec<(String, Refusal)>> {
        use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
        // Versions up to 5 read the names, later ones the states.
        let state = |name: &String| DeleteTopicState::default().with_name(Some(topic_name(name)));
        let by_name = self.version::<DeleteTopicsRequest>()? < 6;
        let request = DeleteTopicsRequest::default().with_timeout_ms(self.timeout());
        let request = if by_name {
            request.with_topic_names(names.iter().map(|name| topic_name(name)).collect())
        } else {
            request.with_topics(names.iter().map(state).collect())
        };
        let answer = self.ask(&request).await?;
        let failed = answer.responses.into_iter().filter_map(|topic| {
            let refused = refusal(topic.error_code, topic.error_message)?;
            Some((topic.name.map(|name| name.0.to_string()).unwrap_or_default(), refused))
        });
        Ok(failed.collect())
    }
}

fn topic(topic: MetadataResponseTopic) -> Topic {
    Topic {
        name: topic.name.map(|name| name.0.to_string()).unwrap_or_default(),
        internal: topic.is_internal,
        error: error(topic.error_code),
        partitions: topic.partitions.iter().map(partition).collect(),
    }
}

fn partition(partition: &MetadataResponsePartition) -> Partition {
    Partition {
        index: partition.partition_index,
        leader: known(partition.leader_id),
        replicas: ids(&partition.replica_nodes),
        in_sync: ids(&partition.isr_nodes),
        offline: ids(&partition.offline_replicas),
    }
}

/// Takes the result that belongs to a resource.
fn entries(of: &Of<'_>, results: &mut Vec<DescribeConfigsResult>) -> Result<Vec<Entry>> {
    let name = match of {
        Of::Topic(name) => (*name).to_owned(),
        Of::Broker(id) => id.to_string(),
    };
    let place = results.iter().position(|result| result.resource_name.as_str() == name);
    let result = results.swap_remove(place.with_context(|| format!("nothing is told of `{name}`"))?);
    ensure(result.error_code).with_context(|| format!("the configuration of `{name}` is not told"))?;
    let entry =
        |entry: kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult| {
            let layer = |(source, value): (i8, Option<StrBytes>)| {
                (Source::read(source), value.map(|value| value.to_string()))
            };
            Entry {
                key: entry.name.to_string(),
                value: entry.value.map(|value| value.to_string()),
                secret: entry.is_sensitive,
                source: Source::read(entry.config_source),
                layers: entry.synonyms.into_iter().map(|other| layer((other.source, other.value))).collect(),
            }
        };
    Ok(result.configs.into_iter().map(entry).collect())
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let config = |(key, value): &(String, String)| {
        CreatableTopicConfig::default().with_name(text(key)).with_value(Some(text(value)))
    };
    let made = CreatableTopic::default()
        .with_name(topic_name(&topic.name))
        .with_configs(topic.settings.iter().map(config).collect());
    match &topic.shape {
        Shape::Counted { partitions, replicas } => {
            made.with_num_partitions(*partitions).with_replication_factor(*replicas)
        }
        Shape::Placed(brokers) => {
            let place = |(index, brokers): (i32, &Vec<i64>)| {
                let id = |id: &i64| BrokerId(i32::try_from(*id).unwrap_or(-1));
                CreatableReplicaAssignment::default()
                    .with_partition_index(index)
                    .with_broker_ids(brokers.iter().map(id).collect())
            };
            made.with_num_partitions(-1)
                .with_replication_factor(-1)
                .with_assignments((0..).zip(brokers).map(place).collect())
        }
    }
}

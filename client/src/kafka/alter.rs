//! What changes topics that are there. Only the controller takes these requests, but for elections and settings, which
//! any broker passes on.

use std::fmt;

use anyhow::Result;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{
    CreatePartitionsRequest, ElectLeadersRequest, IncrementalAlterConfigsRequest,
};
use kafka_protocol::protocol::StrBytes;

use super::Connection;
use super::admin::{text, topic_name};

/// A setting of a topic: another value, or none, with which the topic has the broker's again.
pub type Change = (String, Option<String>);

/// Of `IncrementalAlterConfigs`.
const TOPIC: i8 = 2;
const SET: i8 = 0;
const DELETE: i8 = 1;
/// Of `ElectLeaders`.
const PREFERRED: i8 = 0;

impl Connection {
    /// Gives a topic more partitions: `count` is how many it has then.
    pub async fn create_partitions(&mut self, topic: &str, count: i32) -> Result<Option<Refusal>> {
        let more = CreatePartitionsTopic::default().with_name(topic_name(topic)).with_count(count);
        let request = CreatePartitionsRequest::default()
            .with_topics(vec![more.with_assignments(None)])
            .with_timeout_ms(self.timeout());
        let answer = self.ask(&request).await?;
        let refused = answer.results.into_iter().find_map(|of| refusal(of.error_code, of.error_message));
        Ok(refused)
    }

    /// Changes settings of one topic, all or none of them.
    pub async fn alter_topic(&mut self, topic: &str, changes: &[Change]) -> Result<Option<Refusal>> {
        let change = |(key, value): &Change| {
            AlterableConfig::default()
                .with_name(text(key))
                .with_config_operation(if value.is_some() { SET } else { DELETE })
                .with_value(value.as_deref().map(text))
        };
        let resource = AlterConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(topic))
            .with_configs(changes.iter().map(change).collect());
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        let answer = self.ask(&request).await?;
        Ok(answer.responses.into_iter().find_map(|of| refusal(of.error_code, of.error_message)))
    }

    /// Lets the first replica of each of these partitions lead it. One that leads already is no refusal.
    pub async fn elect_preferred(&mut self, topic: &str, partitions: &[i32]) -> Result<Option<Refusal>> {
        const ELECTION_NOT_NEEDED: i16 = 84;
        let of =
            TopicPartitions::default().with_topic(topic_name(topic)).with_partitions(partitions.to_vec());
        let request = ElectLeadersRequest::default()
            .with_election_type(PREFERRED)
            .with_topic_partitions(Some(vec![of]))
            .with_timeout_ms(self.timeout());
        let answer = self.ask(&request).await?;
        if let Some(refused) = refusal(answer.error_code, None) {
            return Ok(Some(refused));
        }
        let results = answer.replica_election_results.into_iter().flat_map(|topic| topic.partition_result);
        let mut refused = results.filter(|of| of.error_code != ELECTION_NOT_NEEDED).filter_map(|of| {
            let words = of.error_message.map(|words| format!(": {words}")).unwrap_or_default();
            let message = format!("partition {}{words}", of.partition_id);
            refusal(of.error_code, Some(StrBytes::from_string(message)))
        });
        Ok(refused.next())
    }
}

/// Why a broker did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Kafka's name of the error, as `NotController`.
    pub error: String,
    /// The broker's own words, where it has any.
    pub message: Option<String>,
    /// Whether another attempt may succeed, as Kafka's protocol has it.
    pub passing: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{message} ({})", self.error),
            None => f.write_str(&self.error),
        }
    }
}

/// Nothing where the code stands for success.
pub(super) fn refusal(code: i16, message: Option<StrBytes>) -> Option<Refusal> {
    let error = ResponseError::try_from_code(code)?;
    Some(Refusal {
        error: error.to_string(),
        message: message.map(|message| message.to_string()),
        passing: error.is_retriable(),
    })
}

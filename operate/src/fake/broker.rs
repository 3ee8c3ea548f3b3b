//! The fake's broker: the requests that observing and applying make of one, over the topics of the state.

use std::sync::Arc;

use anyhow::{Result, bail};
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, BrokerId, CreatePartitionsRequest, CreatePartitionsResponse,
    CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    DescribeConfigsRequest, DescribeConfigsResponse, DescribeLogDirsRequest, DescribeLogDirsResponse,
    ElectLeadersRequest, ElectLeadersResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
    MetadataRequest, MetadataResponse, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{
    Encodable as _, HeaderVersion, Message, Request, StrBytes, VersionRange,
    decode_request_header_from_buffer,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Fault, Shared, State, Topic, end};

const UNKNOWN_TOPIC: i16 = 3;
const TOPIC_EXISTS: i16 = 36;

pub(crate) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    loop {
        let size = stream.read_i32().await?;
        let mut request = vec![0; usize::try_from(size)?];
        stream.read_exact(&mut request).await?;
        let mut request = Bytes::from(request);
        let header = decode_request_header_from_buffer(&mut request)?;
        let call = Call { request, version: header.request_api_version, id: header.correlation_id };
        match call.answer(header.request_api_key, &shared)? {
            Ok(response) => {
                stream.write_i32(i32::try_from(response.len())?).await?;
                stream.write_all(&response).await?;
            }
            Err(fault) => return end(fault).await,
        }
    }
}

struct Call {
    request: Bytes,
    version: i16,
    id: i32,
}

impl Call {
    fn answer(mut self, key: i16, shared: &Shared) -> Result<Result<Bytes, Fault>> {
        shared.state().requests += 1;
        match key {
            ApiVersionsRequest::KEY => self.with(|_: ApiVersionsRequest| Ok(versions())),
            MetadataRequest::KEY => self.with(|asked| Ok(metadata(&mut shared.state(), asked))),
            DescribeConfigsRequest::KEY => self.with(|asked| Ok(configs(&shared.state(), asked))),
            DescribeLogDirsRequest::KEY => {
                self.with(|_: DescribeLogDirsRequest| Ok(DescribeLogDirsResponse::default()))
            }
            ListPartitionReassignmentsRequest::KEY => self.with(|_: ListPartitionReassignmentsRequest| {
                Ok(ListPartitionReassignmentsResponse::default())
            }),
            CreateTopicsRequest::KEY => self.with(|asked: CreateTopicsRequest| {
                shared.write(
                    |state| create(state, &asked, None),
                    |code| create(&mut State::default(), &asked, Some(code)),
                )
            }),
            CreatePartitionsRequest::KEY => self.with(|asked: CreatePartitionsRequest| {
                shared.write(|state| grow(state, &asked), |code| grown(&asked, code))
            }),
            IncrementalAlterConfigsRequest::KEY => self.with(|asked: IncrementalAlterConfigsRequest| {
                shared.write(|state| alter(state, &asked), altered)
            }),
            ElectLeadersRequest::KEY => self.with(|asked: ElectLeadersRequest| {
                shared.write(
                    |state| elect(state, &asked),
                    |code| ElectLeadersResponse::default().with_error_code(code),
                )
            }),
            DeleteTopicsRequest::KEY => self.with(|asked: DeleteTopicsRequest| {
                shared.write(|state| delete(state, &asked), |code| deleted(&asked, code))
            }),
            key => bail!("a request that the fake does not know: {key}"),
        }
    }

    fn with<R: Request>(
        &mut self,
        work: impl FnOnce(R) -> Result<R::Response, Fault>,
    ) -> Result<Result<Bytes, Fault>> {
        let response = match work(R::decode(&mut self.request, self.version)?) {
            Ok(response) => response,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut bytes = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(self.id);
        header.encode(&mut bytes, <R::Response as HeaderVersion>::header_version(self.version))?;
        response.encode(&mut bytes, self.version)?;
        Ok(Ok(bytes.freeze()))
    }
}

fn versions() -> ApiVersionsResponse {
    fn of<R: Request>() -> ApiVersion {
        let VersionRange { min, max } = <R as Message>::VERSIONS;
        ApiVersion::default().with_api_key(R::KEY).with_min_version(min).with_max_version(max)
    }
    ApiVersionsResponse::default().with_api_keys(vec![
        of::<ApiVersionsRequest>(),
        of::<MetadataRequest>(),
        of::<DescribeConfigsRequest>(),
        of::<DescribeLogDirsRequest>(),
        of::<ListPartitionReassignmentsRequest>(),
        of::<CreateTopicsRequest>(),
        of::<CreatePartitionsRequest>(),
        of::<IncrementalAlterConfigsRequest>(),
        of::<ElectLeadersRequest>(),
        of::<DeleteTopicsRequest>(),
    ])
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn metadata(state: &mut State, asked: MetadataRequest) -> MetadataResponse {
    let (names, all): (Vec<String>, _) = if let Some(named) = asked.topics {
        (named.into_iter().filter_map(|topic| Some(topic.name?.0.to_string())).collect(), &state.topics)
    } else {
        let known = state.known();
        (known.keys().cloned().collect(), known)
    };
    let topics = names.iter().map(|name| {
        let known = MetadataResponseTopic::default().with_name(Some(TopicName(text(name))));
        match all.get(name) {
            Some(topic) => known.with_partitions(partitions(topic)),
            None => known.with_error_code(UNKNOWN_TOPIC),
        }
    });
    let broker = MetadataResponseBroker::default().with_node_id(BrokerId(1)).with_host(text("127.0.0.1"));
    MetadataResponse::default()
        .with_brokers(vec![broker])
        .with_cluster_id(Some(text("fake")))
        .with_controller_id(BrokerId(1))
        .with_topics(topics.collect())
}

fn partitions(topic: &Topic) -> Vec<MetadataResponsePartition> {
    let replicas: Vec<_> = topic.replicas.iter().map(|id| BrokerId(*id)).collect();
    let partition = |(index, leader): (i32, &i32)| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(BrokerId(*leader))
            .with_replica_nodes(replicas.clone())
            .with_isr_nodes(replicas.clone())
    };
    (0..).zip(&topic.leaders).map(partition).collect()
}

fn configs(state: &State, asked: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let entry = |key: &str, value: &str, source| {
        DescribeConfigsResourceResult::default()
            .with_name(text(key))
            .with_value(Some(text(value)))
            .with_config_source(source)
    };
    let results = asked.resources.into_iter().map(|resource| {
        let configs = match state.topics.get(resource.resource_name.as_str()) {
            Some(topic) => topic.settings.iter().map(|(key, value)| entry(key, value, 1)).collect(),
            None => state.config.iter().map(|(key, value)| entry(key, value, 4)).collect(),
        };
        DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
            .with_configs(configs)
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn create(state: &mut State, asked: &CreateTopicsRequest, refused: Option<i16>) -> CreateTopicsResponse {
    let results = asked.topics.iter().map(|topic| {
        let name = topic.name.to_string();
        let exists = state.topics.contains_key(&name).then_some(TOPIC_EXISTS);
        let code = refused.or(exists).unwrap_or_default();
        if code == 0 {
            let settings: Vec<_> =
                topic.configs.iter().map(|of| (of.name.as_str(), of.value.as_deref().unwrap())).collect();
            let leaders = vec![1; usize::try_from(topic.num_partitions).unwrap()];
            state.create(&name, &leaders, &settings);
        }
        let message = (code != 0).then(|| text("the fake refuses it"));
        CreatableTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message)
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

fn grow(state: &mut State, asked: &CreatePartitionsRequest) -> CreatePartitionsResponse {
    for topic in &asked.topics {
        let known = state.topics.get_mut(topic.name.as_str()).unwrap();
        let count = usize::try_from(topic.count).unwrap();
        assert!(count > known.leaders.len(), "Kafka refuses what adds no partition");
        known.leaders.resize(count, 1);
    }
    grown(asked, 0)
}

fn grown(asked: &CreatePartitionsRequest, code: i16) -> CreatePartitionsResponse {
    let result = |name: &TopicName| {
        CreatePartitionsTopicResult::default().with_name(name.clone()).with_error_code(code)
    };
    CreatePartitionsResponse::default()
        .with_results(asked.topics.iter().map(|topic| result(&topic.name)).collect())
}

fn alter(state: &mut State, asked: &IncrementalAlterConfigsRequest) -> IncrementalAlterConfigsResponse {
    for resource in &asked.resources {
        let known = state.topics.get_mut(resource.resource_name.as_str()).unwrap();
        for config in &resource.configs {
            match &config.value {
                Some(value) => _ = known.settings.insert(config.name.to_string(), value.to_string()),
                None => _ = known.settings.remove(config.name.as_str()),
            }
        }
    }
    altered(0)
}

fn altered(code: i16) -> IncrementalAlterConfigsResponse {
    let response = AlterConfigsResourceResponse::default().with_error_code(code);
    IncrementalAlterConfigsResponse::default().with_responses(vec![response])
}

fn elect(state: &mut State, asked: &ElectLeadersRequest) -> ElectLeadersResponse {
    for topic in asked.topic_partitions.iter().flatten() {
        let known = state.topics.get_mut(topic.topic.as_str()).unwrap();
        for partition in &topic.partitions {
            known.leaders[usize::try_from(*partition).unwrap()] = 1;
        }
    }
    ElectLeadersResponse::default()
}

fn delete(state: &mut State, asked: &DeleteTopicsRequest) -> DeleteTopicsResponse {
    let name = asked.topics[0].name.as_ref().unwrap();
    let code = if state.delete(name.as_str()) { 0 } else { UNKNOWN_TOPIC };
    deleted(asked, code)
}

fn deleted(asked: &DeleteTopicsRequest, code: i16) -> DeleteTopicsResponse {
    let result =
        DeletableTopicResult::default().with_name(asked.topics[0].name.clone()).with_error_code(code);
    DeleteTopicsResponse::default().with_responses(vec![result])
}

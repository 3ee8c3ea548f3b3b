//! Records that are written to and read from the leader of one partition.

use anyhow::{Context, Result, ensure as require};
use bytes::{Bytes, BytesMut};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{BrokerId, FetchRequest, ListOffsetsRequest, ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record,
    RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use super::{Connection, ensure};

/// Every codec that a client of Kafka can choose.
pub const CODECS: [(&str, Compression); 5] = [
    ("none", Compression::None),
    ("gzip", Compression::Gzip),
    ("snappy", Compression::Snappy),
    ("lz4", Compression::Lz4),
    ("zstd", Compression::Zstd),
];

const ALL_REPLICAS: i16 = -1;
const MOST_FETCHED: i32 = 1 << 20;
const LATEST: i64 = -1;

/// A partition of a topic.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    pub topic: &'a str,
    pub partition: i32,
}

impl Of<'_> {
    fn topic(self) -> TopicName {
        TopicName(StrBytes::from_string(self.topic.to_owned()))
    }
}

impl Connection {
    /// Writes one record and waits until all in-sync replicas have it.
    pub async fn produce(&mut self, of: Of<'_>, codec: Compression, value: &Bytes, time: i64) -> Result<()> {
        let mut batch = BytesMut::new();
        let options = RecordEncodeOptions { version: 2, compression: codec };
        RecordBatchEncoder::encode(&mut batch, &[record(value, time)], &options)?;
        let data =
            PartitionProduceData::default().with_index(of.partition).with_records(Some(batch.freeze()));
        let topic = TopicProduceData::default().with_name(of.topic()).with_partition_data(vec![data]);
        let request = ProduceRequest::default()
            .with_acks(ALL_REPLICAS)
            .with_timeout_ms(self.timeout())
            .with_topic_data(vec![topic]);
        let answer = self.ask(&request).await?;
        let partition = answer.responses.first().and_then(|topic| topic.partition_responses.first());
        ensure(partition.context("the broker acknowledges nothing")?.error_code)
    }

    /// The values of the partition's records from an offset on, and the offset behind them.
    pub async fn fetch(&mut self, of: Of<'_>, from: i64) -> Result<(Vec<Bytes>, i64)> {
        let partition = FetchPartition::default()
            .with_partition(of.partition)
            .with_fetch_offset(from)
            .with_partition_max_bytes(MOST_FETCHED);
        let topic = FetchTopic::default().with_topic(of.topic()).with_partitions(vec![partition]);
        let request = FetchRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_max_wait_ms(500)
            .with_min_bytes(1)
            .with_max_bytes(MOST_FETCHED)
            .with_topics(vec![topic]);
        let answer = self.ask(&request).await?;
        ensure(answer.error_code)?;
        let mut partitions = answer.responses.into_iter().flat_map(|topic| topic.partitions);
        let partition = partitions.next().context("the broker tells nothing of the partition")?;
        ensure(partition.error_code)?;
        let mut records = partition.records.unwrap_or_default();
        let sets = RecordBatchDecoder::decode_all(&mut records)?;
        let records: Vec<_> = sets.into_iter().flat_map(|set| set.records).collect();
        let next = records.iter().map(|record| record.offset + 1).max().unwrap_or(from);
        let wanted = records.into_iter().filter(|record| record.offset >= from);
        Ok((wanted.filter_map(|record| record.value).collect(), next))
    }

    /// The offset that the next record of a partition gets.
    pub async fn end_offset(&mut self, of: Of<'_>) -> Result<i64> {
        let partition = ListOffsetsPartition::default()
            .with_partition_index(of.partition)
            .with_current_leader_epoch(-1)
            .with_timestamp(LATEST);
        let topic = ListOffsetsTopic::default().with_name(of.topic()).with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![topic]);
        let answer = self.ask(&request).await?;
        let mut partitions = answer.topics.into_iter().flat_map(|topic| topic.partitions);
        let partition = partitions.next().context("the broker tells nothing of the partition")?;
        ensure(partition.error_code)?;
        require!(partition.offset >= 0, "the broker knows no end of the partition");
        Ok(partition.offset)
    }
}

fn record(value: &Bytes, time: i64) -> Record {
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: NO_SEQUENCE,
        timestamp: time,
        key: None,
        value: Some(value.clone()),
        headers: IndexMap::new(),
    }
}

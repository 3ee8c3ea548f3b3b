"""Every compression codec works inside the sandbox of each broker, which packs what a producer sends unpacked."""

from helpers.cluster import brokers, start_cluster
from helpers.load import consume, create_topic, produce
from helpers.machine import Machine

HARMLESS = True

CODECS = ["gzip", "snappy", "lz4", "zstd"]
LINES = [f"line {number} of a text that repeats itself, itself, itself" for number in range(600)]
# so that a partition on each broker gets some
EVEN = "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner"


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    broker = brokers(machines)[0]
    for codec in CODECS:
        create_topic(broker, codec, f"compression.type={codec}")
        produce(broker, codec, LINES, EVEN)
        assert sorted(consume(broker, codec, len(LINES))) == sorted(LINES), f"{codec} gives back something else"
    ends = broker.succeed("kafka-get-offsets.sh --topic-partitions zstd:0,zstd:1,zstd:2").split()
    assert len(ends) == 3 and all(not end.endswith(":0") for end in ends), f"a broker has packed nothing: {ends}"

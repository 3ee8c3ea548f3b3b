"""A topic that was created on one host is written on each and read on each, by the tools on PATH, which reach the
host's own server without arguments; every codec works inside the sandbox."""

from helpers.cluster import brokers, servers, start_cluster, zk
from helpers.load import consume, create_topic, produce
from helpers.machine import Machine

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    # the broker itself packs what comes unpacked
    for codec in CODECS:
        create_topic(brokers(machines)[0], codec, "" if codec == "none" else f"compression.type={codec}")
    written = []
    for number, broker in enumerate(brokers(machines)):
        lines = [f"{broker.name} {line}" for line in range(200)]
        written += lines
        for codec in CODECS:
            produce(broker, codec, lines, "" if number else f"compression.type={codec}")
    for broker in brokers(machines):
        for codec in CODECS:
            read = consume(broker, codec, len(written))
            assert sorted(read) == sorted(written), f"{broker.name} reads {len(read)} lines of {codec}"
        assert set(CODECS) <= set(broker.succeed("kafka-topics.sh --list").split())
    for server in servers(machines):
        assert any("zookeeper" in line for line in zk(server, "ls /")), f"zkCli.sh reaches nothing on {server.name}"

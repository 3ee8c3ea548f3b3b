"""The operators' tools are on the PATH of every host and reach the cluster by their bare call: Kafka's this host's
broker, ZooKeeper's shell this host's server."""

from functools import partial

from helpers.cluster import broker_id, brokers, chroot, log_directories, servers, start_cluster, wait_until
from helpers.machine import Machine

HARMLESS = True


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    ids = sorted(broker_id(broker) for broker in brokers(machines))
    for broker in brokers(machines):
        own = broker_id(broker)
        wait_until(f"{broker.name} sees brokers {ids}", partial(answer, broker, ids))
        described = broker.succeed(f"kafka-log-dirs.sh --describe --broker-list {own}")
        assert all(f'"{directory}"' in described for directory in log_directories(broker)), described
        broker.succeed("kafka-topics.sh --list", f"kafka-configs.sh --describe --broker {own}")
    for server in servers(machines):
        listed = server.succeed(f"zkCli.sh ls {chroot(brokers(machines)[0])}/brokers")
        assert "[ids," in listed, f"zkCli.sh reaches nothing on {server.name}: {listed}"


def answer(broker: Machine, ids: list[int]) -> bool:
    # This tool gives a broker five seconds, whatever else the machine does.
    status, answering = broker.execute("kafka-broker-api-versions.sh")
    return status == 0 and all(f"(id: {number} " in answering for number in ids)

"""Benchmarks of brokers that fail and of servers that are restarted one after the other."""

import socket
import struct
import time
from functools import partial

from .figures import RUNS, seconds, show
from .local.clients import java, run
from .local.cluster import Cluster, Server
from .local.waiting import PATIENCE

# In seconds: until the partitions of a broker that was killed have other leaders, where it was not controller and where
# it was, and from its start until it serves.
LED, LED_OF_CONTROLLER, BACK = 0.5, 1.0, 4.0


def failover_times(cluster: Cluster) -> None:
    """From the kill of a broker's JVM until no partition is led by it, as another broker tells; of one that is
    controller, and of one that is not."""
    cluster.local("up")
    times: dict[bool, list[float]] = {True: [], False: []}
    back: list[float] = []
    for number in range(2 * RUNS):
        of_controller = bool(number % 2)
        brokers = cluster.role("kafka")
        controller, leads = metadata(brokers[0].address)
        killed = next(one for one in brokers if (one.id == controller) == of_controller and one.id in leads)
        witness = next(one for one in brokers if one is not killed)
        cluster.kill(killed.host, "kafka")
        times[of_controller].append(seconds(partial(wait_for_others_to_lead, killed, witness)))
        cluster.wait_ended(killed.host, "kafka")
        back.append(seconds(partial(start_again, cluster, killed.host)))
        cluster.local("up")
        cluster.kafnix_run("apply", "--local")  # it leads again
    show("Kafka: JVM killed until its partitions have other leaders", times[False], "s", LED)
    show("… of the broker that is controller", times[True], "s", LED_OF_CONTROLLER)
    show("… from its start to serving", back, "s", BACK)
    cluster.local("down", "--wipe")


def roll_times(cluster: Cluster) -> None:
    """All servers of three hosts: by kafnix, and as cp-ansible's roles do it (confluentinc/cp-ansible,
    roles/kafka_broker: `restart_and_wait.yml`, `health_check.yml` and its defaults): the ensemble first, its leader
    last, each until it serves; then the brokers, the controller last: after each a pause of 20 s, and Kafka's tool
    until it names no under-replicated partition, every 5 s."""
    cluster.local("up")
    rolled, serial = [], []
    for _ in range(RUNS):
        rolled.append(seconds(lambda: cluster.kafnix_run("rollout", "restart", "--local", within=600)))
        cluster.all_good()
        serial.append(seconds(partial(restart_serially, cluster)))
        cluster.all_good()
    show("kafnix rollout restart, three hosts with both roles", rolled, "s")
    show("… one server after the other with fixed pauses", serial, "s")
    cluster.local("down", "--wipe")


def restart_serially(cluster: Cluster) -> None:
    leader = cluster.leader()
    for host in sorted(cluster.hosts, key=lambda host: host == leader):
        restart(cluster, host, "zookeeper")
        cluster.wait_serving(host, "zookeeper")
    brokers = cluster.role("kafka")
    controller, _ = metadata(brokers[0].address)
    for broker in sorted(brokers, key=lambda broker: broker.id == controller):
        restart(cluster, broker.host, "kafka")
        time.sleep(20)
        while run(java(cluster, "kafka", *UNDER_REPLICATED, "--bootstrap-server", f"{broker.address}:9092")).strip():
            time.sleep(5)


UNDER_REPLICATED = ["org.apache.kafka.tools.TopicCommand", "--describe", "--under-replicated-partitions"]


def restart(cluster: Cluster, host: str, role: str) -> None:
    cluster.local("stop", host, "--role", role)
    cluster.local("start", host, "--role", role)


def wait_for_others_to_lead(killed: Server, witness: Server) -> None:
    """Asks more often than a scenario does: the pause is to be small beside the bound."""
    end = time.monotonic() + PATIENCE
    while killed.id in metadata(witness.address)[1]:
        assert time.monotonic() < end, f"broker {killed.id} still leads"
        time.sleep(0.01)


def start_again(cluster: Cluster, host: str) -> None:
    cluster.local("start", host, "--role", "kafka")
    cluster.wait_serving(host, "kafka")


def metadata(address: str) -> tuple[int, set[int]]:
    """The controller, and who leads partitions, as the broker at this address has it (Metadata, version 1)."""
    request = struct.pack(">hhih", 3, 1, 1, -1) + struct.pack(">i", -1)
    with socket.create_connection((address, 9092), timeout=5) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        stream = connection.makefile("rb")

        def number(form: str) -> int:
            return int(struct.unpack(f">{form}", stream.read(struct.calcsize(form)))[0])

        def text() -> None:
            stream.read(max(number("h"), 0))

        number("i"), number("i")
        for _ in range(number("i")):
            number("i"), text(), number("i"), text()
        controller, leaders = number("i"), set()
        for _ in range(number("i")):
            number("h"), text(), number("b")
            for _ in range(number("i")):
                number("h"), number("i")
                leaders.add(number("i"))
                for _ in range(2):
                    stream.read(4 * number("i"))
        return controller, leaders

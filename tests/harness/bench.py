"""bench [NAME]: measures on real servers what no test should depend on: start, failover and return times, a roll of all
hosts, a start with and without a class-data archive, `plan` on three hosts, `verify` on three and on fifty, records per
second; and what the modules add to the evaluation of a plain host, in thunks (the bound is 3 %). Each time is the
median of several runs, beside the lowest and the highest; where it has a bound and is beyond it, the status is 1.
Servers run in namespaces of their own, as in the scenarios."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

from . import cargo, nix, products
from .bench_rolls import failover_times, roll_times
from .figures import BEYOND, RUNS, seconds, show
from .local import class_data
from .local.clients import bootstrap, java, run
from .local.cluster import Cluster
from .local.waiting import wait
from .machine import TESTS
from .processes import alone, as_init
from .results import Skipped
from .tiers import local

RECORDS, SIZE = 200_000, 1_000
# What `kafnix plan` may take on three hosts, in seconds.
PLANNED = 1.0


def start_times(cluster: Cluster) -> None:
    cluster.local("up")  # makes the class-data archives
    cluster.local("down", "--wipe")
    fresh, again = [], []
    for _ in range(RUNS):
        fresh.append(seconds(lambda: cluster.local("up")))
        cluster.local("down")
        again.append(seconds(lambda: cluster.local("up")))
        cluster.local("down", "--wipe")
    show("three hosts, from nothing to serving with topics", fresh, "s")
    show("three hosts, from stopped to serving", again, "s")


def class_data_times(cluster: Cluster) -> None:
    """One server after the other, by turns, each with the archive that the build of a host makes."""
    archives = {
        role: class_data.train(cluster, role, cluster.folder / f"{role}-class-data") for role in ("zookeeper", "kafka")
    }

    def started(role: str, with_archive: bool, number: int) -> class_data.Started:
        name = f"{role}-{number}-{'with' if with_archive else 'without'}"
        return class_data.start(cluster, role, name, archives[role] if with_archive else None, classes=False)

    for role, what in (("zookeeper", "ZooKeeper server"), ("kafka", "broker")):
        beside = started("zookeeper", True, RUNS + 1) if role == "kafka" else contextlib.nullcontext()
        figures: dict[bool, list[float]] = {True: [], False: []}
        with beside:
            for number in range(RUNS + 1):
                for with_archive in (True, False):
                    with started(role, with_archive, number) as server:
                        pass
                    if number:  # the first reads the files from the disk
                        figures[with_archive].append(server.seconds)
        show(f"a {what} with a class-data archive, until it serves", figures[True], "s")
        show("… without", figures[False], "s")


def fault_times(cluster: Cluster) -> None:
    cluster.local("up")
    elected, back, server_back = [], [], []
    for _ in range(RUNS):
        leader = cluster.wait_for_quorum()
        others = [host for host in cluster.hosts if host != leader]
        cluster.kill(leader, "zookeeper")
        elected.append(
            seconds(
                lambda others=others: wait(
                    "a new leader", lambda: any(cluster.mode(host) == "leader" for host in others)
                )
            )
        )
        cluster.wait_ended(leader, "zookeeper")
        server_back.append(
            seconds(
                lambda leader=leader: (
                    cluster.local("start", leader),
                    cluster.wait_serving(leader, "zookeeper"),
                )
            )
        )
        cluster.kill("kafka02", "kafka")
        cluster.wait_ended("kafka02", "kafka")
        back.append(seconds(lambda: (cluster.local("start", "kafka02"), cluster.wait_serving("kafka02", "kafka"))))
        cluster.local("up")
    show("ZooKeeper: leader killed until another leads", elected, "s")
    show("ZooKeeper: killed server, from its start to serving", server_back, "s")
    show("Kafka: killed broker, from its start to serving", back, "s")
    cluster.local("down", "--wipe")


def plan_times(cluster: Cluster) -> None:
    cluster.local("up")
    show("plan --local on three hosts", [seconds(partial(plan, cluster)) for _ in range(RUNS)], "s", PLANNED)
    cluster.local("down", "--wipe")


def plan(cluster: Cluster) -> None:
    said = cluster.kafnix_run("plan", "--local").stdout
    assert said == "nothing to do\n", said


def verify_times(cluster: Cluster) -> None:
    cluster.local("up")
    show("verify --local on three hosts", [seconds(cluster.verify) for _ in range(RUNS)], "s")
    fifty = fifty_hosts(cluster)

    def asked() -> None:
        done = fifty.kafnix_run("verify", ok=False)
        assert done.returncode == 1, f"verify did not find fifty hosts wrong: {done.stderr[-500:]}"

    show(
        "verify on fifty hosts that stand before the same three",
        [seconds(asked) for _ in range(RUNS)],
        "s",
    )
    cluster.local("down", "--wipe")


def fifty_hosts(cluster: Cluster) -> Cluster:
    """Fifty addresses whose ports lead to the servers of the three: as much to ask, and much to find."""
    fifty = Cluster(cluster.folder / "fifty", cluster.kafnix, cluster.products)
    fifty.folder.mkdir()
    fifty.spec["hosts"] = {f"host{n}": {"address": f"10.0.0.{n}"} for n in range(1, 51)}
    fifty.spec["zookeeper"]["hosts"] = {f"host{n}": {} for n in (1, 2, 3)}
    fifty.spec["topics"] = {}
    targets = [server.address for server in cluster.role("kafka")]
    for n in range(1, 51):
        subprocess.run(["ip", "address", "add", f"10.0.0.{n}/32", "dev", "lo"], check=True)
        for port in (2181, 2888, 3888, 9092):
            forward(f"10.0.0.{n}", targets[n % 3], port)
    return fifty


def forward(here: str, there: str, port: int) -> None:
    listener = socket.create_server((here, port))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve() -> None:
        while True:
            client, _ = listener.accept()
            try:
                server = socket.create_connection((there, port))
            except OSError:
                client.close()
                continue
            threading.Thread(target=pump, args=(client, server), daemon=True).start()
            threading.Thread(target=pump, args=(server, client), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def throughput(cluster: Cluster) -> None:
    """Three kinds of topic, by turns: what one run disturbs, it disturbs for all."""
    cluster.spec["topics"] = {
        "generated": {"partitions": 6, "replicas": 3},
        "survives": {"partitions": 6, "replicas": 3, "survives": "power-loss"},
    }
    cluster.local("up")
    plain, processes = plain_brokers(cluster)
    figures: dict[str, list[float]] = {"generated": [], "plain": [], "survives": []}
    for number in range(RUNS + 1):
        for topic, servers in (
            ("generated", bootstrap(cluster)),
            ("plain", plain),
            ("survives", bootstrap(cluster)),
        ):
            rate = perform(cluster, servers, topic, RECORDS if topic != "survives" else RECORDS // 20)
            if number:  # the first is there to warm the brokers
                figures[topic].append(rate)
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)
    show("records of 1 kB per second, the generated configuration", figures["generated"], "/s")
    show("… the products' own defaults (same heap, same topics)", figures["plain"], "/s")
    show("… the generated configuration, survives: power-loss", figures["survives"], "/s")
    cluster.local("down", "--wipe")


def plain_brokers(cluster: Cluster) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """Three brokers with what Kafka cannot do without, in the same ensemble below another chroot."""
    processes, addresses = [], []
    for number in (1, 2, 3):
        address = f"127.0.9.{number}"
        folder = cluster.folder / f"plain{number}"
        folder.mkdir()
        ensemble = ",".join(f"{server.address}:2181" for server in cluster.role("zookeeper"))
        (folder / "server.properties").write_text(
            f"broker.id={number}\nlisteners=PLAINTEXT://{address}:9092\n"
            f"log.dirs={folder}/data1,{folder}/data2\nzookeeper.connect={ensemble}/plain\n"
        )
        command = java(cluster, "kafka", "kafka.Kafka", str(folder / "server.properties"))
        command[1:4] = ["-Xms256m", "-Xmx256m"]
        log = (folder / "log").open("w")
        processes.append(subprocess.Popen(command, stdout=log, stderr=log))
        addresses.append(f"{address}:9092")
    servers = ",".join(addresses)

    main = "org.apache.kafka.tools.TopicCommand"
    create = ["--create", "--topic", "plain", "--partitions", "6", "--replication-factor", "3"]

    def created() -> bool:
        with contextlib.suppress(AssertionError):
            run(java(cluster, "kafka", main, "--bootstrap-server", servers, *create))
            return True
        return False

    wait("the plain brokers take a topic", created)
    return servers, processes


def perform(cluster: Cluster, servers: str, topic: str, records: int) -> float:
    text = run(
        java(
            cluster,
            "kafka",
            "org.apache.kafka.tools.ProducerPerformance",
            "--topic",
            topic,
            "--num-records",
            str(records),
            "--record-size",
            str(SIZE),
            "--throughput",
            "-1",
            "--producer-props",
            f"bootstrap.servers={servers}",
            "acks=all",
        ),
        within=300,
    )
    last = text.strip().splitlines()[-1]
    return float(last.split(" records/sec")[0].split(",")[-1])


BENCHES = {
    "start": start_times,
    "class-data": class_data_times,
    "faults": fault_times,
    "failover": failover_times,
    "roll": roll_times,
    "plan": plan_times,
    "verify": verify_times,
    "throughput": throughput,
}


def thunks() -> None:
    def of(servers: str) -> int:
        expression = f"import {TESTS}/evaluate/plain-host.nix {{ {nix.nixpkgs()} servers = {servers}; }}"
        command = ["nix", "eval", "--impure", "--raw", "--expr", expression]
        environment = {**os.environ, **nix.environment(), "NIX_SHOW_STATS": "1"}
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr
        found = re.search(r'"nrThunks": *(\d+)', said)
        assert found, said
        return int(found[1])

    plain, both = of("false"), of("true")
    print(f"the servers add {both - plain} thunks to the {plain} of a plain host: {100 * (both - plain) / plain:.1f} %")


def within(bench: str, folder: Path) -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    BENCHES[bench](Cluster(folder, cargo.KAFNIX, products.DIRECTORY))
    sys.stdout.flush()
    return 1 if BEYOND else 0


def main() -> int:
    if sys.argv[1:2] == ["--within"]:
        return as_init(lambda: within(sys.argv[2], Path(sys.argv[3])))
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    status = 0
    try:
        for prepare in (local.prepare, products.prepare):
            list(prepare())
        for bench in [bench for bench in BENCHES if name in bench]:
            with tempfile.TemporaryDirectory(prefix=f"kafnix-bench-{bench}-") as folder:
                command = [*alone(), sys.executable, "-B", "-m", "harness.bench", "--within", bench, folder]
                status |= subprocess.run(command, check=False).returncode
        if name in "thunks":
            thunks()
    except Skipped as reason:
        print(reason)
        return 77
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())

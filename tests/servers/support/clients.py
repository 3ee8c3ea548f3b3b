"""The products' own clients: what a user would run against the cluster."""

import json
import signal
import subprocess
import threading

from helpers.records import Record, consumed, judge, refusals

from .cluster import ROOT, Cluster
from .waiting import PATIENCE, wait

JVM = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


def java(cluster: Cluster, product: str, main: str, *arguments: str) -> list[str]:
    home = cluster.java_home
    program = str(home / "bin" / "java") if home else "java"
    releases = sorted(cluster.products.glob(f"{product}-{version(cluster, product)}"))
    assert releases, f"{cluster.products} has no {product} {version(cluster, product)}"
    jars = "lib" if product == "zookeeper" else "libs"
    return [program, *JVM, "-cp", f"{releases[0]}/{jars}/*", main, *arguments]


def version(cluster: Cluster, product: str) -> str:
    return cluster.spec.get("versions", {}).get(product, {"kafka": "3.9.2", "zookeeper": "3.9.5"}[product])


def run(command: list[str], within: float = PATIENCE) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[-6:]} ended with {done.returncode}:\n{done.stdout}{done.stderr[-3000:]}")
    return done.stdout


def bootstrap(cluster: Cluster) -> str:
    return ",".join(f"{broker.address}:9092" for broker in cluster.role("kafka"))


def zk(cluster: Cluster, host: str, *command: str) -> list[str]:
    """One command of ZooKeeper's shell against the server of one host: the lines that it answers."""
    address = cluster.server(host, "zookeeper").address
    main = "org.apache.zookeeper.ZooKeeperMain"
    shell = java(cluster, "zookeeper", main, "-server", f"{address}:2181", *command)
    # Its log lines begin with a priority, then.
    logging = ROOT / "generator" / "servers"
    shell[1:1] = [
        f"-Dlogback.configurationFile={logging}/zookeeper-logback.xml",
        f"-Dlog4j.configuration=file:{logging}/zookeeper-log4j.properties",
    ]
    return [line for line in run(shell).splitlines() if line.strip() and not line.startswith("<")]


def topics(cluster: Cluster, *arguments: str) -> str:
    main = "kafka.admin.TopicCommand" if version(cluster, "kafka") < "3" else "org.apache.kafka.tools.TopicCommand"
    return run(java(cluster, "kafka", main, "--bootstrap-server", bootstrap(cluster), *arguments))


class Load:
    """An idempotent producer with acks=all that writes 1, 2, 3 … and notes what was acknowledged."""

    def __init__(self, cluster: Cluster, topic: str = "load", throughput: int = 2000):
        self.cluster = cluster
        self.topic = topic
        self.acknowledged: list[Record] = []
        self.failed: list[str] = []
        settings = cluster.folder / "producer.properties"
        settings.write_text(
            "enable.idempotence=true\nacks=all\nretries=2147483647\n"
            "delivery.timeout.ms=120000\nrequest.timeout.ms=5000\nlinger.ms=5\n"
        )
        command = java(
            cluster,
            "kafka",
            "org.apache.kafka.tools.VerifiableProducer",
            "--topic",
            topic,
            "--throughput",
            str(throughput),
            "--acks",
            "-1",
            "--producer.config",
            str(settings),
            "--broker-list" if version(cluster, "kafka") < "2.8" else "--bootstrap-server",
            bootstrap(cluster),
        )
        self.errors = (cluster.folder / "producer.log").open("a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                # half a line is what a killed producer ends with
                if "producer_send" in line and line.endswith("\n"):
                    self.failed.append(line)
                continue
            if event.get("name") == "producer_send_success":
                self.acknowledged.append(Record(event["partition"], event["offset"], event["value"]))
            else:
                self.failed += refusals([line])

    def wait_for(self, more: int) -> None:
        """Until so many more records are acknowledged than are now."""
        goal = len(self.acknowledged) + more

        def there() -> bool:
            assert self.process.poll() is None, f"the producer has ended with {self.process.returncode}"
            return len(self.acknowledged) >= goal

        wait(f"{more} more records are acknowledged", there)

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        assert not self.reader.is_alive(), "what the producer has said is not read yet"
        self.errors.close()

    def finish(self, at_least: int = 10_000) -> None:
        """Ends the load and reads the topic: all that was acknowledged is there once, in order."""
        if len(self.acknowledged) < at_least:
            self.wait_for(at_least - len(self.acknowledged))
        self.stop()
        assert not self.failed, f"{len(self.failed)} records were not taken: {self.failed[:3]}"
        judge(self.acknowledged, read_all(self.cluster, self.topic))


def ends(cluster: Cluster, topic: str) -> dict[int, int]:
    """Where each partition of a topic ends: its writer makes no transactions, so each offset is a record."""
    old = version(cluster, "kafka") < "3"
    main = "kafka.tools.GetOffsetShell" if old else "org.apache.kafka.tools.GetOffsetShell"
    servers = "--broker-list" if old else "--bootstrap-server"
    shown = run(java(cluster, "kafka", main, servers, bootstrap(cluster), "--topic", topic))
    found = [line.split(":") for line in shown.splitlines() if line.startswith(f"{topic}:")]
    assert all(len(end) == 3 and end[2] for end in found), f"a partition has no end: {shown}"
    return {int(partition): int(end) for _, partition, end in found}


def read_all(cluster: Cluster, topic: str = "load") -> list[Record]:
    """Reads a topic to the ends that it has now. Each partition is read for itself: a group of readers would first
    have to form, for which nobody knows the time after a fault."""
    found = ends(cluster, topic)
    assert found, f"{topic} has no partition"
    return [record for partition, end in found.items() if end for record in read_one(cluster, topic, partition, end)]


def read_one(cluster: Cluster, topic: str, partition: int, count: int) -> list[Record]:
    old = version(cluster, "kafka") < "3.9"
    main = "kafka.tools.ConsoleConsumer" if old else "org.apache.kafka.tools.consumer.ConsoleConsumer"
    place = ["--topic", topic, "--partition", str(partition), "--offset", "earliest", "--max-messages", str(count)]
    printed = ["--property", "print.partition=true", "--property", "print.offset=true"]
    servers = ["--bootstrap-server", bootstrap(cluster)]
    return consumed(run(java(cluster, "kafka", main, *servers, *place, *printed, "--timeout-ms", "120000")))

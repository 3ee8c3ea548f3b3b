"""What the build of a host lets each server read of its configuration: what the specs give is taken, and so are values
that lie on the host alone; what the server would refuse at its start, or would take for something else, fails with a
sentence that names the file. What a spec could say of that, `kafnix check` refuses first."""

import json
import subprocess
from pathlib import Path

from harness.local.clients import run
from harness.local.cluster import ROOT, Cluster
from harness.results import Skipped

SOURCE = ROOT / "nixos-modules/packages/config-check/ConfigCheck.java"
JARS = {"zookeeper": "lib", "kafka": "libs"}
FILES = {"zookeeper": "zoo.cfg", "kafka": "server.properties"}
OWN = "org.apache.kafka.common.config.provider."
# what declares the providers of a broker
PROVIDERS = (
    "config.providers=file,directory\n"
    f"config.providers.file.class={OWN}FileConfigProvider\n"
    "config.providers.file.param.allowed.paths=/run/of-the-host\n"
    f"config.providers.directory.class={OWN}DirectoryConfigProvider\n"
)
# lines whose values only the host has
ELSEWHERE = (
    "password.encoder.secret=${directory:/run/of-the-host:encoder}\n"
    "num.io.threads=${file:/run/of-the-host/kafka:threads}\n"
    "unclean.leader.election.enable=${file:/run/of-the-host/kafka:unclean}\n"
)
# a line that is changed, what it becomes, and words of what the server says
REFUSED = [
    ("kafka", "log.dirs=", "log.retention.hours=many\nlog.dirs=", "log.retention.hours"),
    ("kafka", "inter.broker.listener.name=PLAINTEXT", "inter.broker.listener.name=OTHER", "OTHER"),
    ("kafka", "broker.id=1", "broker.id=-7", "broker.id"),
    ("kafka", "log.dirs=", "password.encoder.secret=${vault:a:b}\nlog.dirs=", "the provider `vault`"),
    ("kafka", "log.dirs=", "num.io.threads=${file:/a:b}\nconfig.providers=file\nlog.dirs=", "the provider `file`"),
    ("kafka", "log.dirs=", f"{PROVIDERS.replace('FileC', 'FilesC')}log.dirs=", "FilesConfigProvider"),
    ("kafka", "log.dirs=", f"{PROVIDERS.replace(OWN + 'File', 'kafka.Kafka#')}log.dirs=", "no provider in this"),
    ("kafka", "log.dirs=", f"{PROVIDERS}{ELSEWHERE}log.retention.hours=many\nlog.dirs=", "log.retention.hours"),
    ("zookeeper", "tickTime=2000", "tickTime=2000\nssl.keyStore.password=${file:/a:b}", "ssl.keyStore.password"),
    ("zookeeper", "tickTime=2000", "tickTime=often", "often"),
    ("zookeeper", "initLimit=10", "", "initLimit is not set"),
    ("zookeeper", ":2888:3888", ":2888", "does not have the form"),
]
# settings of brokers that each fit their key
SETTINGS = {
    "group.consumer.min.heartbeat.interval.ms": 15001,
    "group.consumer.session.timeout.ms": 44999,
    "group.share.max.session.timeout.ms": 44999,
    "group.coordinator.rebalance.protocols": "unknown",
    "compression.gzip.level": 10,
    "log.message.format.version": "0.8",
    "offsets.commit.required.acks": -2,
    "offsets.topic.compression.codec": 5,
    "remote.log.manager.copier.thread.pool.size": 0,
    "create.topic.policy.class.name": "",
}


def scenario(cluster: Cluster) -> None:
    classes = cluster.folder / "classes"
    compiled = subprocess.run(["javac", "--release", "8", "-d", classes, SOURCE], capture_output=True, check=False)
    if compiled.returncode != 0:
        raise Skipped(f"there is no compiler for it: {compiled.stderr.decode()[-300:]}")
    taken: list[str] = []
    for spec in [ROOT / "cluster.json", *sorted(ROOT.glob("tests/specs/*/cluster.json"))]:
        for role in FILES:
            # one host of a spec is like the others
            for host in [host for host in hosts(cluster, spec).values() if host.get(role)][:1]:
                status, said = check(cluster, classes, host, role, host[role]["files"][FILES[role]])
                assert status == 0, f"{spec}: {host['name']}: {said}"
                taken.append(role)
    assert set(taken) == set(FILES), f"the specs have a host with {set(taken)}"
    host = hosts(cluster, ROOT / "cluster.json")["kafka01"]
    text = host["kafka"]["files"]["server.properties"] + PROVIDERS + ELSEWHERE
    status, said = check(cluster, classes, host, "kafka", text)
    assert status == 0, said
    for role, old, new, words in REFUSED:
        text = host[role]["files"][FILES[role]]
        assert old in text, f"{FILES[role]} has no `{old}`"
        status, said = check(cluster, classes, host, role, text.replace(old, new))
        assert status == 1 and f"{FILES[role]} is refused: " in said and words in said, f"{new}: {status}: {said}"
    spec = json.loads((ROOT / "cluster.json").read_text())
    for key, value in SETTINGS.items():
        text = host["kafka"]["files"]["server.properties"] + f"{key}={value}\n"
        status, said = check(cluster, classes, host, "kafka", text)
        assert status == 1 and "is refused: " in said, f"{key}={value}: {status}: {said}"
        file = cluster.folder / "refused.json"
        file.write_text(json.dumps(spec | {"kafka": spec["kafka"] | {"settings": {key: value}}}))
        checked = subprocess.run([cluster.kafnix, "check", file], capture_output=True, text=True, check=False)
        assert checked.returncode == 1 and key in checked.stderr + checked.stdout, f"{key}: {checked}"


def hosts(cluster: Cluster, spec: Path) -> dict:
    return json.loads(run([str(cluster.kafnix), "show", "hosts", str(spec), "--message-format", "json"]))


def check(cluster: Cluster, classes: Path, host: dict, role: str, text: str) -> tuple[int, str]:
    """What the check of one file ends with, and says, with the jars of the release that the host has."""
    file = cluster.folder / FILES[role]
    file.write_text(text)
    jars = cluster.products / f"{role}-{host[role]['version']}" / JARS[role]
    command = ["java", "-Xmx256m", "-cp", f"{jars}/*:{classes}", "ConfigCheck", role, file]
    done = subprocess.run([*command, str(host[role].get("id", ""))], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr

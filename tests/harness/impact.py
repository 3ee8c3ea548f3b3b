"""What kafnix says that a change of the spec restarts, beside the units that the modules make of both."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cargo, nix
from .processes import run
from .results import Result, judged

# Two brokers, one of them beside the ensemble's only server.
BASE: dict[str, Any] = {
    "name": "test",
    "versions": {"kafka": "3.9.1", "zookeeper": "3.9.4", "jdk": "17"},
    "hosts": {"a": {"address": "10.0.0.1"}, "b": {"address": "10.0.0.2"}},
    "disks": {f"/data/{name}": {"label": name} for name in ("zookeeper", "kafka1", "kafka2")},
    "firewall": {"admin": ["10.9.0.0/24"], "monitoring": {"from": ["10.8.0.0/24"], "ports": [9100]}},
    "zookeeper": {"hosts": {"a": {}}, "dataDir": "/data/zookeeper/data"},
    "kafka": {
        "hosts": {"a": {}, "b": {}},
        "listeners": {"PLAINTEXT": {"port": 9092, "from": ["10.0.0.0/24"]}},
        "logDirs": ["/data/kafka1/logs", "/data/kafka2/logs"],
    },
}
# What changes → as a JSON merge patch (RFC 7396)
CASES: dict[str, dict[str, Any]] = {
    "the same in other words": {"zookeeper": {"clientPort": 2181}, "memory": "32g"},
    "a heap": {"kafka": {"hosts": {"b": {"heap": "4g"}}}},
    "a setting of all brokers": {"kafka": {"settings": {"num.io.threads": 16}}},
    "a setting of all but one": {
        "kafka": {"settings": {"offsets.retention.minutes": 60}, "hosts": {"b": {"settings": {"num.io.threads": 4}}}}
    },
    "a setting of ZooKeeper": {"zookeeper": {"settings": {"maxClientCnxns": 100}}},
    "a system property": {"zookeeper": {"settings": {"jute.maxbuffer": 4194304}}},
    "a release of Kafka": {"versions": {"kafka": "3.9.2"}},
    "a release of ZooKeeper": {"versions": {"zookeeper": "3.9.5"}},
    "another JDK": {"versions": {"jdk": "11"}},
    "jars": {"kafka": {"extraJars": ["jars/a.jar"]}},
    "another network of administrators": {"firewall": {"admin": ["10.9.1.0/24"]}},
    "another network of monitoring": {"firewall": {"monitoring": {"from": ["10.8.1.0/24"]}}},
    "another port of an exporter": {"firewall": {"monitoring": {"ports": [9101]}}},
    "another port of a listener": {"kafka": {"listeners": {"PLAINTEXT": {"port": 9093}}}},
    "a listener for everybody": {"kafka": {"listeners": {"PLAINTEXT": {"from": None}}}},
    "a name": {"names": {"registry": "10.0.0.9"}},
    "a domain": {"domain": "example.org"},
    "a rack": {"hosts": {"a": {"rack": "1"}, "b": {"rack": "2"}}},
    "another address": {"hosts": {"b": {"address": "10.0.0.12"}}},
    "another disk": {"disks": {"/data/kafka2": {"label": "new"}}},
    "other options of a mount": {"disks": {"/data/kafka2": {"options": ["nofail"]}}},
    "a disk that the machine file declares": {"disks": {"/data/zookeeper": None}},
    "a disk for its installation": {"disks": {"/data/kafka2": {"wholeDisk": "/dev/sdb"}}},
    "a log directory less": {"kafka": {"logDirs": ["/data/kafka1/logs"]}, "disks": {"/data/kafka2": None}},
    "a broker that waits for its disks": {"kafka": {"missingLogDirs": "wait"}},
    "an ensemble that exists": {"zookeeper": {"state": "existing"}},
    "the id of the cluster": {"kafka": {"clusterId": "-k3qM1TjQdWJvZ0m2m8b_A"}},
    "a server beside a broker": {"zookeeper": {"hosts": {"b": {}}}},
    "a broker more": {"hosts": {"c": {"address": "10.0.0.3"}}, "kafka": {"hosts": {"c": {}}}},
    "a broker less": {"kafka": {"hosts": {"b": None}}, "hosts": {"b": None}},
}
# Of these, on the texts that the whole of NixOS makes, which takes seconds for each.
WHOLE = ["a setting of all but one", "another port of an exporter"]
# All that the lock may refuse is meant here.
ACCEPTED = [f"K7{number:02}" for number in range(1, 13)]


def tests() -> Iterator[Result]:
    for whole, names in ((False, list(CASES)), (True, WHOLE)):
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                lay_out(Path(folder) / name, CASES[name])
            arguments = f"cases = {folder}; whole = {json.dumps(whole)};"
            for test in nix.evaluate_file("impact.nix", arguments):
                yield judged(test["name"], test["problem"])


def lay_out(case: Path, patch: dict[str, Any]) -> None:
    """The first tree, and the second one with what kafnix said when it was generated over the first."""
    before, after = case / "before", case / "after"
    (before / "jars").mkdir(parents=True)
    (before / "jars" / "a.jar").write_bytes(b"PK\3\4")
    generated(before, BASE)
    shutil.copytree(before, after)
    (case / "said.json").write_text(generated(after, merged(BASE, patch)))


def generated(folder: Path, spec: Any) -> str:
    """What kafnix says, as JSON."""
    (folder / "cluster.json").write_text(json.dumps(spec))
    accepted = [word for code in ACCEPTED for word in ("--accept", code)]
    command = [cargo.KAFNIX, "generate", folder / "cluster.json", "--message-format", "json", *accepted]
    status, said = run(command, apart=True)
    assert status == 0, said
    return said


def merged(value: Any, patch: Any) -> Any:
    if not (isinstance(value, dict) and isinstance(patch, dict)):
        return patch
    both = {**value, **{key: merged(value.get(key, {}), its) for key, its in patch.items()}}
    return {key: its for key, its in both.items() if its is not None}

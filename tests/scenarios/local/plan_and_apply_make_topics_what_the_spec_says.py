"""A fresh cluster leaves nothing to do; what the spec says of topics is planned, applied and gone from the plan; what
others have set is told and left; what the brokers refuse keeps nothing else from being done, and a topic goes where it
is named and nobody needs it."""

import json
import subprocess
from typing import Any

from harness.local.cluster import Cluster
from harness.local.waiting import wait
from helpers.load import tool, topics


def scenario(cluster: Cluster) -> None:
    early = cluster.spec["topics"]["early"] = {"partitions": 1, "replicas": 3, "settings": {"retention.ms": 3600000}}
    cluster.local("up")
    assert cluster.kafnix_run("plan", "--local").stdout == "nothing to do\n"

    cluster.spec["topics"]["orders"] = {"partitions": 3, "replicas": 3, "settings": {"retention.ms": 86400000}}
    plan = planned(cluster, 1)
    assert [(step["step"], step["topic"]) for step in plan["steps"]] == [("create-topic", "orders")], plan
    refused = cluster.kafnix_run("apply", "--local", "--plan", "000000000000", ok=False)
    assert refused.returncode == 2 and plan["digest"] in refused.stderr, refused
    assert "orders" not in topics(cluster.machines[0], "--list").split()
    applied = cluster.kafnix_run("apply", "--local", "--plan", plan["digest"])
    assert "+ topic orders: partitions: 3, replicas: 3" in applied.stdout, applied.stdout
    assert "retention.ms=86400000" in topics(cluster.machines[0], "--describe --topic orders")
    planned(cluster, 0)

    # What `up` has set is kafnix's, too.
    early["settings"] = {}
    assert "retention.ms: 3600000 → the broker's value" in cluster.kafnix_run("apply", "--local").stdout
    planned(cluster, 0)

    # A topic of the same name that somebody else has created is another one: its settings are not kafnix's.
    early["settings"] = {"retention.ms": 3600000}
    cluster.kafnix_run("apply", "--local")
    topics(cluster.machines[0], "--delete --topic early")
    wait("the topic is gone", lambda: "early" not in topics(cluster.machines[0], "--list").split())
    topics(cluster.machines[0], "--create --topic early --partitions 1 --replication-factor 3 --config retention.ms=-1")
    early["settings"] = {}
    plan = planned(cluster, 0)
    assert any("retention.ms=-1" in note["what"] for note in plan["notes"]), plan

    # more partitions, another value, a key that goes back, and one that somebody else has set
    configs = f"{tool(cluster.machines[0], 'configs')} --alter --entity-type topics --entity-name orders --add-config "
    cluster.machines[0].succeed(configs + "max.message.bytes=2000000")
    orders = cluster.spec["topics"]["orders"]
    orders["partitions"], orders["settings"] = 4, {"min.insync.replicas": 1}
    plan = planned(cluster, 1)
    assert [step["step"] for step in plan["steps"]] == ["add-partitions", "alter-topic"], plan
    assert plan["steps"][1]["settings"] == [
        {"key": "min.insync.replicas", "from": "2", "to": "1"},
        {"key": "retention.ms", "from": "86400000", "to": None, "risk": "deletes-records"},
    ]
    assert any("max.message.bytes=2000000" in note["what"] for note in plan["notes"]), plan
    cluster.kafnix_run("apply", "--local")
    described = topics(cluster.machines[0], "--describe --topic orders")
    assert "PartitionCount: 4" in described and "retention.ms" not in described, described
    assert "min.insync.replicas=1" in described and "max.message.bytes=2000000" in described, described
    assert planned(cluster, 0)["notes"]

    # What Kafka cannot do is told, and the rest done.
    orders["partitions"], orders["settings"] = 2, {"min.insync.replicas": 2}
    applied = cluster.kafnix_run("apply", "--local", ok=False).stdout
    assert applied.count("Kafka takes none away") == 1 and applied.count("max.message.bytes=2000000") == 1, applied
    assert applied.endswith("\n1 of 1 step done, 1 needs manual action\n"), applied
    plan = planned(cluster, 1)
    assert (plan["steps"], [(one["kind"], one["subject"]) for one in plan["open"]]) == (
        [],
        [("more-partitions", "orders")],
    ), plan
    orders["partitions"] = 4

    # A dynamic setting that beats the generated one is told with the command that removes it, and not touched.
    brokers = f"{tool(cluster.machines[0], 'configs')} --alter --entity-type brokers"
    cluster.machines[0].succeed(f"{brokers} --entity-default --add-config min.insync.replicas=1")
    [told] = planned(cluster, 1)["open"]
    assert told["subject"] == "all brokers" and "--delete-config min.insync.replicas" in told["help"], told
    cluster.kafnix_run("apply", "--local", ok=False)
    planned(cluster, 1)
    cluster.machines[0].succeed(f"{brokers} --entity-default --delete-config min.insync.replicas")

    # What the brokers refuse is told with their reason, and keeps nothing else from being done.
    topics(cluster.machines[0], "--create --topic in_use --partitions 1 --replication-factor 3")
    cluster.spec["topics"] |= {name: {"partitions": 1, "replicas": 3} for name in ("in.use", "other")}
    refused = cluster.kafnix_run("apply", "--local", ok=False)
    assert refused.returncode == 2, refused
    assert "topic `in.use`: Topic 'in.use' collides with existing topics: in_use" in refused.stderr, refused.stderr
    assert "other" in topics(cluster.machines[0], "--list").split()
    assert [step["topic"] for step in planned(cluster, 1)["steps"]] == ["in.use"]

    # A topic is deleted where it is named, and where nobody needs it.
    for name, words in (("__consumer_offsets", "an internal topic"), ("other", "the spec declares")):
        refused = deleted(cluster, name)
        assert refused.returncode == 2 and words in refused.stderr, refused
    assert json.loads(deleted(cluster, "in_use", "--message-format", "json").stdout)["deleted"] is True
    assert deleted(cluster, "in_use").stdout == "there is no topic `in_use`: nothing was deleted\n"
    done = json.loads(cluster.kafnix_run("apply", "--local", "--message-format", "json").stdout)
    assert ([step["topic"] for step in done["done"]], done["failed"]) == (["in.use"], []), done
    del cluster.spec["topics"]["other"]
    [note] = [note for note in planned(cluster, 0)["notes"] if note["kind"] == "topic-not-in-spec"]
    assert note["subject"] == "other" and "`kafnix apply --local --delete other`" in note["help"], note
    assert deleted(cluster, "other").stdout == "deleted the topic `other`\n"
    assert "other" not in topics(cluster.machines[0], "--list").split()
    assert not [note for note in planned(cluster, 0)["notes"] if note["kind"] == "topic-not-in-spec"]

    # Leaders come home.
    cluster.local("stop", "kafka02")
    cluster.local("start", "kafka02")
    cluster.local("up")
    planned(cluster, 1)
    assert cluster.kafnix_run("apply", "--local").returncode == 0
    planned(cluster, 0)


def deleted(cluster: Cluster, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cluster.kafnix_run("apply", "--local", "--delete", name, *arguments, ok=False)


def planned(cluster: Cluster, status: int) -> dict[str, Any]:
    done = cluster.kafnix_run("plan", "--local", "--message-format", "json", ok=False)
    assert done.returncode == status, done
    return json.loads(done.stdout)

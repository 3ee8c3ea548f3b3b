"""`down` leaves nothing running; `up` finds the data again, and does nothing where all serves."""

from harness.local.cluster import Cluster
from harness.local.waiting import is_running
from helpers.load import Load, consume_all
from helpers.records import judge


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    load = Load(cluster.machines)
    load.finish(at_least=1_000)
    before = {server.java for server in cluster.servers()}

    cluster.local("up")
    assert {server.java for server in cluster.servers()} == before, "a second `up` started something anew"

    processes = [pid for server in cluster.servers() for pid in (server.java, server.launcher)]
    assert all(processes), f"a server has no process: {processes}"
    cluster.local("down")
    left = [process for process in processes if process and is_running(process)]
    assert not left, f"still running after `down`: {left}"

    cluster.local("up")
    judge(load.acknowledged(), consume_all(load.machine, load.topic))
    cluster.local("down", "--wipe")
    assert not cluster.state.exists(), f"{cluster.state} is still there after --wipe"

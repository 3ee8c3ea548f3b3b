"""`logs` prints what all servers have written by time, each line with its time and its server; a stack trace stays in
one piece. Several hosts are started and stopped as one."""

import re
import subprocess
from itertools import pairwise
from typing import NamedTuple

from harness.local.cluster import Cluster
from harness.local.waiting import wait

# A line of the servers' own: level, thread, logger.
WRITTEN = re.compile(r"(INFO|WARN|ERROR) \[")


class Line(NamedTuple):
    time: str
    server: str
    text: str


def lines(said: str) -> list[Line]:
    found = []
    for line in said.splitlines():
        parts = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\w+ \w+) *\| (.*)", line)
        assert parts, f"no time, or no server: {line!r}"
        found.append(Line(*parts.groups()))
    return found


def follow(cluster: Cluster, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(cluster.kafnix), "local", "logs", "--follow", *arguments],
        cwd=cluster.folder,
        env=cluster.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    whole = lines(cluster.local("logs").stdout)
    assert len({line.server for line in whole}) == 6, {line.server for line in whole}
    assert all(one.time <= other.time for one, other in pairwise(whole)), "not in the order of time"
    changes = sum(one.server != other.server for one, other in pairwise(whole))
    assert changes > 50, f"{changes} changes of the server in {len(whole)} lines are no merge"
    assert sum(bool(WRITTEN.match(line.text)) for line in whole) > 500
    # The launcher's lines have their time as well.
    assert any("follower, 3 of 3 members" in line.text for line in whole)

    # ZooKeeper's servers write a trace for each connection to a peer that is gone.
    followed = follow(cluster, "-n", "1", "kafka01", "kafka02")
    cluster.local("stop", "kafka02", "kafka03", "--role", "zookeeper")
    wait("ZooKeeper does not serve on kafka01", lambda: cluster.server("kafka01", "zookeeper").phase == "unavailable")
    assert {server.host for server in cluster.role("zookeeper") if server.phase == "ended"} == {"kafka02", "kafka03"}
    cluster.local("start", "kafka02", "kafka03")
    cluster.wait_for_quorum()
    whole = lines(cluster.local("logs").stdout)
    traces = 0
    for before, line in pairwise(whole):
        if line.text.startswith("\\tat "):
            assert (line.server, line.time) == (before.server, before.time), f"{before} {line}"
            traces += 1
    assert traces > 0, "no server has written a stack trace"

    seen = []
    assert followed.stdout
    while not seen or not re.search(r"kafka02 zookeeper *\| (leader|follower), ", seen[-1]):
        seen.append(followed.stdout.readline())
        assert seen[-1], "logs --follow has ended"
    followed.terminate()
    followed.wait()
    assert {line.server.split()[0] for line in lines("".join(seen))} == {"kafka01", "kafka02"}
    assert lines(cluster.local("logs", "-n", "7").stdout)[-1].time >= whole[-1].time
    assert len(lines(cluster.local("logs", "kafka03", "-n", "7").stdout)) == 7

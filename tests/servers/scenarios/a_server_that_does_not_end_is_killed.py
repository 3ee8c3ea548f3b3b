"""A broker that does not hear SIGTERM is killed when its time is over, which is said, and --kill waits for nobody."""

import time

from support.cluster import Cluster
from support.hang import deafen
from support.waiting import wait


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    for number, command in enumerate((("stop", "kafka01"), ("down",))):
        if number:
            cluster.local("start", "kafka01")
            cluster.wait_serving("kafka01", "kafka")
        broker = cluster.server("kafka01", "kafka")
        assert broker.java
        deafen(broker.java)
        done = cluster.local(*command, "--timeout", "8", ok=False, within=100)
        assert done.returncode == 2, done
        for words in (
            "kafka01 kafka: stopping: moving leaders, then closing logs (for 5 s; it is killed after 8 s)",
            "kafka01 kafka: has not ended within 8 s and is killed",
            "not by themselves",
        ):
            assert words in done.stderr, done.stderr
        ended = cluster.server("kafka01", "kafka")
        assert (ended.phase, ended.status) == ("ended", "killed"), ended
    assert all(server.phase == "ended" for server in cluster.servers()), "the others go on after it"

    # A kill while another command waits for the same server, which it frees.
    cluster.local("up")
    broker = cluster.server("kafka03", "kafka")
    assert broker.java
    deafen(broker.java)
    down = cluster.background("down")
    log = cluster.folder / "background.log"
    wait("down waits for the broker", lambda: "kafka03 kafka: stopping" in log.read_text())
    begun = time.monotonic()
    cluster.local("stop", "kafka03", "--kill", within=30)
    print(f"the kill took {time.monotonic() - begun:.1f} s")
    assert down.wait(100) == 0, log.read_text()
    cluster.local("up")
    cluster.all_good()

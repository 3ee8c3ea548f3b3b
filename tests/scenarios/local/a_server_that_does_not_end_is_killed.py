"""A broker that does not hear SIGTERM is killed when its time is over, which is said, and --kill waits for nobody."""

import time

from harness.local.cluster import Cluster
from harness.local.hang import deafen
from harness.local.waiting import wait

LONG = True


def scenario(cluster: Cluster) -> None:
    cluster.local("up")
    deaf(cluster, "kafka01")
    done = cluster.local("stop", "kafka01", "--timeout", "8", ok=False, within=100)
    assert done.returncode == 2, done
    for words in (
        "kafka01 kafka: stopping: moving leaders, then closing logs (for 5 s; it is killed after 8 s)",
        "kafka01 kafka: has not ended within 8 s and is killed",
        "not by themselves: these were killed, since they did not stop in time: kafka01 kafka\n",
    ):
        assert words in done.stderr, done.stderr
    killed(cluster, "kafka01")
    assert cluster.server("kafka01", "zookeeper").exit == 143, "the server beside it ends by itself"

    # A kill while another command waits for the same server, which it frees.
    deaf(cluster, "kafka03")
    down = cluster.background("down")
    log = cluster.folder / "background.log"
    wait("down waits for the broker", lambda: "kafka03 kafka: stopping" in log.read_text())
    begun = time.monotonic()
    cluster.local("stop", "kafka03", "--role", "kafka", "--kill", within=30)
    print(f"the kill took {time.monotonic() - begun:.1f} s")
    assert down.wait(100) == 0, log.read_text()
    killed(cluster, "kafka03")
    assert all(server.phase == "ended" for server in cluster.servers()), cluster.servers()


def deaf(cluster: Cluster, host: str) -> None:
    java = cluster.server(host, "kafka").java
    assert java
    deafen(java)


def killed(cluster: Cluster, host: str) -> None:
    broker = cluster.server(host, "kafka")
    assert (broker.phase, broker.status) == ("ended", "killed"), broker

"""What is seen of a roll of a local cluster, and what it says."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .cluster import Cluster, Server

# Phases of a server that serves, or has served and waits for others.
UP = ("serving", "unavailable")


@contextmanager
def watched(cluster: Cluster) -> Iterator[list[list[Server]]]:
    """What `status` says of the servers, again and again until the end of the block."""
    seen: list[list[Server]] = []
    over = threading.Event()

    def watch() -> None:
        while True:
            seen.append(cluster.servers())
            # a restart takes seconds
            if over.wait(1):
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def most_down(seen: list[list[Server]], role: str) -> int:
    """How many servers of a kind were down at once."""
    return max(sum(server.role == role and server.phase not in UP for server in servers) for servers in seen)


def rolled(said: str) -> dict[str, str]:
    """The hosts whose servers were restarted one after the other, in that order, each with what was said of it."""
    told = re.findall(r"^note: (\w+): restarts (.*)", said, re.MULTILINE)
    assert len(dict(told)) == len(told), f"a host was restarted twice: {said}"
    return dict(told)


def restarted_at_once(said: str) -> list[str]:
    """The servers that were restarted without a wait."""
    return re.findall(r"^note: (\w+ \w+): restarts \(", said, re.MULTILINE)


def setting(cluster: Cluster, role: str, key: str, value: int) -> None:
    cluster.spec[role].setdefault("settings", {})[key] = value

"""A ZooKeeper server whose directory bears the id of another is refused with status 78 and a sentence, is not
started over and over, and nothing in the directory is changed."""

from support.cluster import Machine, journal, restarts, wait_until

DATA = "/data/zookeeper/data"


def scenario(kafka01: Machine, *_: Machine) -> None:
    kafka01.start()
    kafka01.wait_for_unit("zookeeper.service", 60)
    kafka01.succeed("systemctl stop zookeeper.service kafka.service", f"echo 7 >{DATA}/myid")
    listing = f"ls -lR --time-style=full-iso {DATA}; cat {DATA}/myid"
    before = kafka01.succeed(listing)
    kafka01.execute("systemctl start zookeeper.service")
    state = lambda: kafka01.get_unit_info("zookeeper.service")  # noqa: E731
    wait_until("it has failed", lambda: state()["ActiveState"] == "failed", 30)
    assert state()["ExecMainStatus"] == "78", f"it ended with {state()['ExecMainStatus']}"
    # longer than the pause before a restart
    kafka01.succeed("sleep 4")
    assert state()["ActiveState"] == "failed" and restarts(kafka01, "zookeeper.service") == 0
    said = journal(kafka01, "zookeeper.service")
    assert "myid" in said.splitlines()[-1] or f"{DATA}/myid" in said, said
    assert kafka01.succeed(listing) == before, "something in the directory has changed"

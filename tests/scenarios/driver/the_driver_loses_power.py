"""When a host loses power, its disk has what was forced to it and nothing that was not; a host that crashes keeps
all of it."""

from harness.hosts.machine import Machine

CLUSTER = "bare"
WRITE = "echo kept >/data/forced; sync -f /data; echo lost >/data/unforced; cat /data/unforced"


def scenario(one: Machine, other: Machine) -> None:
    for machine in (one, other):
        machine.start()
        machine.wait_for_unit("data.mount")
    # At once: some seconds later the kernel forces what nobody has asked it to.
    one.succeed(WRITE)
    one.lose_power_with([])
    other.succeed(WRITE)
    other.crash()
    for machine in (one, other):
        machine.start()
        machine.wait_for_unit("data.mount")
        assert machine.succeed("cat /data/forced") == "kept\n", f"{machine.name} has lost what was forced"
    assert one.succeed("cat /data/unforced 2>/dev/null || true") == "", "a power loss keeps what was not forced"
    assert other.succeed("cat /data/unforced") == "lost\n", "a crash loses what was written"

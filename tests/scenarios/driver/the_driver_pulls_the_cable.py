"""A host whose cable is pulled reaches no other, keeps running, and reaches it again when it is put back."""

from harness.hosts.machine import Machine

CLUSTER = "bare"
# Nobody listens there: who answers at all, refuses.
TRY = "timeout 2 bash -c '</dev/tcp/10.0.0.2/9' 2>/dev/null"


def scenario(one: Machine, other: Machine) -> None:
    one.start()
    other.start()
    other.succeed("true")
    assert one.execute(TRY)[0] == 1, "the other does not answer"
    one.block()
    assert one.execute(TRY)[0] == 124, "the other answers without a cable"
    one.unblock()
    one.wait_until_succeeds(f"if {TRY}; then false; else test $? = 1; fi")

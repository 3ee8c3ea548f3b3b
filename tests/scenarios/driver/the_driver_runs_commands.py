"""A command's status and output come back as they are; a failed unit, a command that fails and one that succeeds
against what was expected are told apart; and files are copied whole."""

import tempfile
from pathlib import Path

from harness.hosts.machine import Machine

CLUSTER = "bare"


def scenario(one: Machine, _: Machine) -> None:
    one.start()
    assert one.execute("echo said; echo wrong >&2; exit 3") == (3, "said\n"), "an error is taken for data"
    assert one.execute("false | true")[0] == 1, "the status of a pipe is that of its last command"
    assert one.succeed("echo a", "echo b") == "a\nb\n"
    assert one.fail("echo no; false") == "no\n"
    raises(lambda: one.succeed("echo why; false"), "why")
    raises(lambda: one.succeed("echo wrong >&2; false"), "wrong")
    raises(lambda: one.fail("true"), "succeeded")
    raises(lambda: one.wait_until_succeeds("false", timeout=1), "waited 1 s")
    one.succeed("systemd-run --quiet --unit=short /bin/false", "systemd-run --quiet --unit=long sleep 1000")
    one.wait_for_unit("long.service")
    raises(lambda: one.wait_for_unit("short.service"), "short.service has failed")
    assert one.get_unit_info("long.service")["ActiveState"] == "active"
    assert one.get_unit_property("long.service", "SubState") == "running"
    files_are_copied(one)
    one.succeed("echo kept >/root/file")
    one.crash()
    one.start()
    assert one.succeed("cat /root/file") == "kept\n", "a crash has lost a file of the root file system"
    one.shutdown()
    assert one.succeed("cat /root/file") == "kept\n", "the next command has not booted it again"


def files_are_copied(machine: Machine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        (source / "a b").write_bytes(bytes(range(256)) * 100)
        machine.copy_from_host(str(source), "/root/there/copy")
        machine.copy_from_host(str(source / "a b"), "/root/file-copy")
    assert machine.succeed("cd /root; wc -c <there/copy/a\\ b; cmp there/copy/a\\ b file-copy").strip() == "25600"


def raises(act, words: str) -> None:  # type: ignore[no-untyped-def]
    try:
        act()
    except AssertionError as error:
        assert words in str(error), f"the error does not say `{words}`: {error}"
        return
    raise RuntimeError(f"nothing was raised that says `{words}`")

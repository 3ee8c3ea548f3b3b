"""A switch does to each unit what NixOS does: it stops what is gone, restarts, reloads or skips what has changed as the
unit says, leaves alone what has not, starts what is new, and fails where a unit or the activation does."""

from pathlib import Path

from harness.hosts import switch
from harness.hosts.machine import Machine

CLUSTER = "bare"
NEW = "/nix/store/new"
HERE = "etc/systemd/system"
RUNS = "ExecStart=/bin/sleep infinity\nExecReload=/bin/true"
# unit → what it has in [Unit] and in [Service], before and after, and what the switch does to its process
UNITS = {
    "same": ("", RUNS, "", RUNS, "kept"),
    "described": ("Description=a", RUNS, "Description=b", RUNS, "kept"),
    "changed": ("", RUNS, "", f"{RUNS}\nNice=1", "restarted"),
    "ordered": ("", RUNS, "After=same.service", RUNS, "restarted"),
    "triggered": ("X-Restart-Triggers=a", RUNS, "X-Restart-Triggers=b", RUNS, "restarted"),
    "in-place": ("", f"{RUNS}\nX-StopIfChanged=false", "", f"{RUNS}\nNice=1\nX-StopIfChanged=false", "restarted"),
    "reloaded": ("", RUNS, "", f"{RUNS}\nNice=1\nX-ReloadIfChanged=true", "reloaded"),
    "told": ("X-Reload-Triggers=a", RUNS, "X-Reload-Triggers=b", RUNS, "reloaded"),
    "left": ("", RUNS, "", f"{RUNS}\nNice=1\nX-RestartIfChanged=false", "kept"),
    "gone": ("", RUNS, None, "", "stopped"),
    "outlives": ("X-StopOnRemoval=false", RUNS, None, "", "kept"),
    "new": (None, "", "", RUNS, "started"),
}


def scenario(one: Machine, _: Machine) -> None:
    write(one, "", lambda unit: unit[:2])
    write(one, NEW, lambda unit: unit[2:4])
    copy_switcher(one)
    one.succeed("systemctl daemon-reload", f"systemctl start {' '.join(name for name in UNITS if name != 'new')}")
    before = {name: state(one, name) for name in UNITS}
    one.log(said := one.succeed(f"{NEW}/bin/switch-to-configuration test 2>&1"))
    after = {name: state(one, name) for name in UNITS}
    for name, unit in UNITS.items():
        what = unit[-1]
        assert what_happened(before[name], after[name], name in reloaded(said)) == what, (
            f"{name} was not {what}: {before[name]}, {after[name]}, {said}"
        )
    assert "skip: left.service" in said.splitlines(), said
    one.log(said := one.succeed(f"{NEW}/bin/switch-to-configuration test 2>&1"))
    assert {name: state(one, name) for name in UNITS} == after, f"nothing has changed, and the switch has: {said}"
    fails(one)


def fails(one: Machine) -> None:
    one.succeed(f"echo '[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=3' >{NEW}/{HERE}/same.service")
    status, said = one.execute(f"{NEW}/bin/switch-to-configuration test 2>&1")
    assert status == 4 and "failed: same.service" in said.splitlines(), (status, said)
    one.succeed(f"cp /{HERE}/changed.service {NEW}/{HERE}/same.service; echo false >>{NEW}/activate")
    status, said = one.execute(f"{NEW}/bin/switch-to-configuration test 2>&1")
    assert status == 2, (status, said)


def write(one: Machine, root: str, part) -> None:  # type: ignore[no-untyped-def]
    one.succeed(f"mkdir -p {root}/{HERE}/multi-user.target.wants")
    for name, unit in UNITS.items():
        about, service = part(unit)
        if about is not None:
            one.succeed(f"cat >{root}/{HERE}/{name}.service <<'END'\n[Unit]\n{about}\n[Service]\n{service}\nEND\n")
            one.succeed(f"ln -s ../{name}.service {root}/{HERE}/multi-user.target.wants/{name}.service")


def copy_switcher(one: Machine) -> None:
    files = " ".join(f"{name}.service" for name in UNITS)
    one.copy_from_host(str(Path(switch.SWITCHER)), f"{NEW}/bin/switch-to-configuration")
    one.succeed(
        f"chmod +x {NEW}/bin/switch-to-configuration",
        f"printf '#!/bin/sh\nset -e\ncd /{HERE}\nrm -f {files}\ncp -a $1/{HERE}/. .\n' >{NEW}/activate",
        f"chmod +x {NEW}/activate",
    )


def state(one: Machine, name: str) -> tuple[str, str]:
    info = one.get_unit_info(f"{name}.service")
    return info["ActiveState"], info["MainPID"]


def reloaded(said: str) -> list[str]:
    lines = [line for line in said.splitlines() if line.startswith("reload: ")]
    return [unit.removesuffix(".service") for line in lines for unit in line.split(": ")[1].split(", ")]


def what_happened(before: tuple[str, str], after: tuple[str, str], was_reloaded: bool) -> str:
    if before == after:
        return "reloaded" if was_reloaded else "kept"
    if before[0] != "active" and after[0] == "active":
        return "started"
    return "restarted" if after[0] == "active" else "stopped"

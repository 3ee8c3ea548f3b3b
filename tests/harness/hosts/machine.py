"""One host, with the methods that the NixOS test driver's machines have."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import IO, TypeVar

from . import cgroups, install
from .cable import Cable
from .disks import Disk

T = TypeVar("T")
# Where a wait ends that would never end by itself.
PATIENCE = 300.0

# The device manager names a disk by its label and tells systemd of the network card, as on any host, but sees those of
# this host alone.
RULE = """\
SUBSYSTEM=="block", KERNEL=="{names}", IMPORT{{builtin}}="blkid", TAG+="systemd"
SUBSYSTEM=="block", KERNEL=="{names}", ENV{{ID_FS_LABEL_ENC}}=="?*", SYMLINK+="disk/by-label/$env{{ID_FS_LABEL_ENC}}"
SUBSYSTEM=="net", KERNEL=="{card}", TAG+="systemd", ENV{{SYSTEMD_ALIAS}}+="/sys/subsystem/net/devices/$name"
"""
TRIGGER = """\
[Service]
ExecStart=
ExecStart=-/usr/bin/udevadm trigger --action=add --subsystem-match=block {names}
ExecStart=-/usr/bin/udevadm trigger --action=add --subsystem-match=net --sysname-match={card}
"""


class Machine:
    def __init__(self, name: str, folder: Path, root: Path, disks: list[Disk], binds: list[str], cable: Cable):
        self.name = name
        self.folder = folder
        self.root = root
        self.disks = {disk.label: disk for disk in disks}
        self.binds = binds
        self.cable = cable
        self.container: subprocess.Popen[bytes] | None = None
        self.init = 0
        self.boots = 0

    # Of the NixOS test driver

    def start(self) -> None:
        """Boots, where it is not running; the first command waits until it takes one."""
        if self.container:
            return
        self.log("boots")
        self.name_devices()
        self.cable.power_on()
        self.boots += 1
        network = f"/run/netns/{self.name}"
        # from within, since the /sys of a host shows the network cards of whoever mounts it
        command = ["nsenter", f"--net={network}", "systemd-nspawn", f"--network-namespace-path={network}"]
        command += ["--quiet", "-D", str(self.root), f"--machine={self.name}", "--boot", "--register=no", "--keep-unit"]
        command += ["--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe"]
        command += ["--capability=CAP_NET_ADMIN,CAP_BPF", "--system-call-filter=@keyring bpf"]
        command += [f"--bind={disk.device}" for disk in self.disks.values() if disk.device]
        command += [f"--bind-ro={bind}" for bind in self.binds]
        command += [f"--bind={self.device_manager()}:/run/udev"]
        output = (self.folder / f"{self.name}.console").open("ab")
        with output:
            self.container = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # disks are devices on a machine, which needs a /sys that is one's own
                env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes"},
                preexec_fn=lambda: cgroups.enter(self.name),
            )

    def shutdown(self) -> None:
        """Asks it to power off and waits until it has."""
        if self.container:
            self.power_off()
            self.wait_for_shutdown()

    def power_off(self) -> None:
        """Asks it to power off."""
        self.connect()
        self.log("is asked to power off")
        os.kill(self.init, signal.SIGRTMIN + 4)

    def wait_for_shutdown(self, within: float = PATIENCE) -> None:
        assert self.container
        try:
            self.container.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} is not off within {within:.0f} s") from None
        self.gone()

    def crash(self) -> None:
        """Ends all its processes at once. What they have written stays, as after a failed kernel."""
        if self.container:
            self.log("crashes")
            if self.find_init():
                os.kill(self.init, signal.SIGKILL)
            self.container.kill()
            self.container.wait()
            self.gone()

    def block(self) -> None:
        """Pulls the cable."""
        self.cable.pull()

    def unblock(self) -> None:
        self.cable.plug()

    def execute(
        self, command: str, check_return: bool = True, check_output: bool = True, timeout: float | None = PATIENCE
    ) -> tuple[int, str]:
        """The status of a shell command and what it prints, but for its errors."""
        done = self.run(command, timeout)
        return done.returncode, done.stdout

    def succeed(self, *commands: str, timeout: float | None = PATIENCE) -> str:
        output = ""
        for command in commands:
            done = self.run(command, timeout)
            said = done.stdout + done.stderr
            assert done.returncode == 0, f"{self.name}: `{command}` ended with {done.returncode}: {said}"
            output += done.stdout
        return output

    def fail(self, *commands: str, timeout: float | None = PATIENCE) -> str:
        output = ""
        for command in commands:
            status, out = self.execute(command, timeout=timeout)
            assert status != 0, f"{self.name}: `{command}` succeeded: {out}"
            output += out
        return output

    def wait_until_succeeds(self, command: str, timeout: float = PATIENCE) -> str:
        return self.retry(f"`{command}` succeeds", lambda: self.execute(command), lambda it: it[0] == 0, timeout)[1]

    def wait_until_fails(self, command: str, timeout: float = PATIENCE) -> str:
        return self.retry(f"`{command}` fails", lambda: self.execute(command), lambda it: it[0] != 0, timeout)[1]

    def systemctl(self, q: str, user: None = None) -> tuple[int, str]:
        return self.execute(f"systemctl {q}")

    def get_unit_info(self, unit: str, user: None = None) -> dict[str, str]:
        text = self.succeed(f"systemctl --no-pager show {unit}")
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    def wait_for_unit(self, unit: str, user: None = None, timeout: float = PATIENCE) -> None:
        def state() -> str:
            found = self.get_unit_property(unit, "ActiveState")
            assert found != "failed", f"{self.name}: {unit} has failed: {self.status(unit)}"
            return found

        self.retry(f"{unit} is active", state, lambda it: it == "active", timeout)

    def get_unit_property(self, unit: str, property: str, user: None = None) -> str:
        return self.succeed(f"systemctl --no-pager show {unit} --property={property} --value").strip()

    def status(self, unit: str) -> str:
        return self.execute(f"systemctl --no-pager --full --lines=15 status {unit}")[1]

    def wait_for_open_port(self, port: int, addr: str = "localhost", timeout: float = PATIENCE) -> None:
        self.wait_until_succeeds(f"timeout 2 bash -c '</dev/tcp/{addr}/{port}' 2>/dev/null", timeout)

    def copy_from_host(self, source: str, target: str) -> None:
        """Copies a file or a folder from the machine that runs the tests."""
        with tempfile.TemporaryFile() as packed:
            here = Path(source)
            subprocess.run(["tar", "c", "-C", here.parent, here.name], stdout=packed, check=True)
            packed.seek(0)
            copied = f"{target}.copied"
            self.succeed(f"mkdir -p {quote(copied)}")
            done = self.nsenter("tar", "x", "--no-same-owner", "-C", copied, timeout=PATIENCE, stdin=packed)
            assert done.returncode == 0, f"{self.name}: {source} was not copied: {done.stderr}"
            self.succeed(f"mv -T {quote(f'{copied}/{here.name}')} {quote(target)}; rmdir {quote(copied)}")

    def log(self, msg: str) -> None:
        print(f"{time.strftime('%T')} {self.name}: {msg}", flush=True)

    # Below it

    def connect(self) -> None:
        """Waits until systemd takes orders."""
        self.start()
        if not self.init:
            self.retry("it takes orders", self.takes_orders, lambda it: it, PATIENCE)

    def run(self, command: str, timeout: float | None) -> subprocess.CompletedProcess[str]:
        self.connect()
        return self.nsenter("bash", "-c", f"set -euo pipefail; {command}", timeout=timeout)

    def takes_orders(self) -> bool:
        assert self.container
        assert self.container.poll() is None, f"{self.name} has ended: {self.console()}"
        if not self.find_init():
            return False
        try:
            answers = self.nsenter("systemctl", "show", "--property=Version", timeout=10).returncode == 0
        except subprocess.TimeoutExpired:
            answers = False
        if not answers:
            self.init = 0
        return answers

    def find_init(self) -> int:
        """The process that is the first one of the machine, as this one sees it."""
        assert self.container
        children = Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children")
        # whatever stands there may end while it is read
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in children.read_text().split():
                if re.search(r"^NSpid:.*\t1$", Path(f"/proc/{child}/status").read_text(), re.MULTILINE):
                    self.init = int(child)
        return self.init

    def nsenter(
        self, *command: str, timeout: float | None, stdin: IO[bytes] | int = subprocess.DEVNULL
    ) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": ":".join(install.PATH), "HOME": "/root", "LC_ALL": "C.UTF-8"}
        into = ["/usr/bin/nsenter", f"--target={self.init}", "-m", "-u", "-i", "-n", "-p", "--root", "--wd"]
        return subprocess.run(
            [*into, "--", *command],
            stdin=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=timeout,
            check=False,
        )

    def retry(self, what: str, ask: Callable[[], T], good: Callable[[T], bool], timeout: float) -> T:
        end = time.monotonic() + timeout
        while True:
            last = ask()
            if good(last):
                return last
            assert time.monotonic() < end, f"{self.name}: waited {timeout:.0f} s until {what}; the last was {last!r}"
            time.sleep(0.2)

    def freeze(self) -> None:
        """Stops all its processes, the first one before those that it looks after."""
        self.connect()
        os.kill(self.init, signal.SIGSTOP)
        stopped: set[int] = set()
        # one that goes on may make another while they are listed
        while going := self.processes() - stopped:
            for process in going:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
            stopped |= going

    def processes(self) -> set[int]:
        """All of the host, as this process sees them."""
        space = os.readlink(f"/proc/{self.init}/ns/pid")
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                if os.readlink(process / "ns/pid") == space:
                    found.add(int(process.name))
        return found

    def gone(self) -> None:
        self.log("is off")
        self.container, self.init = None, 0

    def console(self) -> str:
        return "".join((self.folder / f"{self.name}.console").read_text(errors="replace").splitlines(True)[-30:])

    # Its disks

    def device_manager(self) -> Path:
        """What stands in /run/udev at boot. Without a socket of the device manager systemd takes a
        container for one that has none, and would not hear of any disk."""
        folder = self.folder / f"{self.name}.udev"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "control").touch()
        return folder

    def name_devices(self) -> None:
        names = [disk.kernel_name for disk in self.disks.values() if disk.device] or ["none"]
        rule = RULE.format(names="|".join(names), card=self.cable.card)
        install.write(self.root / "etc/udev/rules.d/60-devices.rules", rule)
        matches = " ".join(f"--sysname-match={name}" for name in names)
        trigger = self.root / "usr/lib/systemd/system/systemd-udev-trigger.service.d/own.conf"
        install.write(trigger, TRIGGER.format(names=matches, card=self.cable.card))

    def unplug(self, label: str) -> None:
        """Takes a disk out before it starts."""
        assert not self.container, f"{self.name} runs"
        self.disks[label].detach()

    def plug(self, label: str) -> None:
        """Attaches a disk, while it runs or before it starts."""
        disk = self.disks[label]
        disk.attach()
        if not self.container:
            return
        self.log(f"gets its disk {label}")
        self.name_devices()
        minor = os.minor(os.stat(disk.device).st_rdev)
        self.succeed(
            f"rm -f {disk.device}; mknod -m 660 {disk.device} b 7 {minor}",
            "udevadm control --reload",
            f"udevadm trigger --action=change --sysname-match={disk.kernel_name}",
        )

    def lose_power_with(self, others: list["Machine"]) -> None:
        """Takes the power from this host and the others at once: their data disks hold what had been forced to
        them, and nothing else. The root file systems keep what was written."""
        machines = [self, *others]
        for machine in machines:
            machine.freeze()
        plugged = [disk for machine in machines for disk in machine.disks.values() if disk.device]
        for disk in plugged:
            disk.keep()
        for machine in machines:
            machine.crash()
        for disk in plugged:
            disk.fall_back()

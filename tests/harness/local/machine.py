"""A host of a local cluster, with the methods of a machine that a scenario may use."""

import os
import shutil
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path

from .. import tools
from .cluster import Cluster, Server
from .waiting import PATIENCE

# phase → how systemd calls it
STATES = {"serving": "active", "waiting": "activating", "starting": "activating", "stopping": "deactivating"}


class Machine:
    def __init__(self, cluster: Cluster, name: str):
        self.cluster = cluster
        self.name = name
        # below which it has the files that a host has below its root
        self.prefix = str(cluster.folder / "machines" / name)
        self.begun: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Starts its servers, as at boot."""
        self.cluster.local("start", self.name)

    def execute(self, command: str) -> tuple[int, str]:
        done = self.run(command)
        return done.returncode, done.stdout

    def succeed(self, *commands: str) -> str:
        output = ""
        for command in commands:
            done = self.run(command)
            said = done.stdout + done.stderr
            assert done.returncode == 0, f"{self.name}: `{command}` ended with {done.returncode}: {said}"
            output += done.stdout
        return output

    def fail(self, *commands: str) -> str:
        output = ""
        for command in commands:
            status, out = self.execute(command)
            assert status != 0, f"{self.name}: `{command}` succeeded: {out}"
            output += out
        return output

    def get_unit_info(self, unit: str) -> dict[str, str]:
        """What systemd would know of a server, or of what was begun in the background."""
        name = unit.removesuffix(".service")
        if process := self.begun.get(name):
            state = "active" if process.poll() is None else "inactive"
            return {"LoadState": "loaded", "ActiveState": state, "MainPID": str(process.pid)}
        server = self.cluster.server(self.name, name)
        return {
            "LoadState": "loaded",
            "ActiveState": "active" if server.ready else STATES.get(server.phase, "inactive"),
            "StatusText": server.status,
            "MainPID": str(server.launcher or 0),
        }

    def wait_for_unit(self, unit: str, *, timeout: int = int(PATIENCE)) -> None:
        self.cluster.wait_ready(self.name, unit.removesuffix(".service"), timeout)

    def copy_from_host(self, source: str, target: str) -> None:
        place = Path(self.prefix + target)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, place) if Path(source).is_dir() else shutil.copy(source, place)

    def log(self, msg: str) -> None:
        print(f"{time.strftime('%T')} {self.name}: {msg}", flush=True)

    # What other machines do by systemd

    def background(self, name: str, command: str) -> None:
        """Begins a command that goes on while the test does."""
        self.begun[name] = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], env=self.environment, stdin=subprocess.DEVNULL
        )

    def stop_background(self, name: str, number: int = signal.SIGTERM) -> None:
        self.begun[name].send_signal(number)
        self.begun[name].wait(PATIENCE)

    def come_back(self, unit: str) -> None:
        """Starts a server whose JVM was killed, as systemd does by itself."""
        role = unit.removesuffix(".service")
        self.cluster.wait_ended(self.name, role)
        self.cluster.local("start", self.name, "--role", role)

    # Below it

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"set -euo pipefail; {command}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=self.environment,
            timeout=PATIENCE,
            check=False,
        )

    @cached_property
    def environment(self) -> dict[str, str]:
        """Where its tools and files are, which are made for the purpose."""
        programs = Path(self.prefix) / "bin"
        programs.mkdir(parents=True)
        for folder in ("etc", "var/tmp"):
            (Path(self.prefix) / folder).mkdir(parents=True)
        versions = self.cluster.versions
        scripts: dict[str, str] = {}
        if self.has("kafka"):
            scripts |= tools.of_kafka(versions["kafka"], str(self.cluster.release("kafka") / "libs"))
        if self.has("zookeeper"):
            scripts |= tools.of_zookeeper(str(self.cluster.release("zookeeper") / "lib"))
        for name, script in scripts.items():
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        for role in ("zookeeper", "kafka"):
            (Path(self.prefix) / "etc" / role).symlink_to(self.cluster.state / self.name / role)
        environment = self.cluster.environment()
        home = environment.get("JAVA_HOME") or str(Path(shutil.which("java") or "").resolve().parents[1])
        return {**environment, "JAVA_HOME": home, "PATH": f"{programs}:{os.environ['PATH']}"}

    def has(self, role: str) -> bool:
        return any(self.of(server, role) for server in self.cluster.servers())

    def of(self, server: Server, role: str) -> bool:
        return (server.host, server.role) == (self.name, role)

"""A cluster that `kafnix local` runs, and what a scenario does to it."""

import json
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..machine import ROOT
from .waiting import PATIENCE, wait

if TYPE_CHECKING:
    from .machine import Machine


@dataclass
class Server:
    """One server as `kafnix local status` tells of it."""

    host: str
    role: str
    id: int
    address: str
    launcher: int | None
    java: int | None
    phase: str
    ready: bool
    status: str
    exit: int | None


class Cluster:
    """The cluster of a spec, in a folder of its own."""

    def __init__(self, folder: Path, kafnix: Path, products: Path, java_home: Path | None = None):
        self.folder = folder
        self.kafnix = kafnix
        self.products = products
        self.java_home = java_home
        self.spec: dict[str, Any] = json.loads((ROOT / "cluster.json").read_text())
        self.spec.pop("$schema", None)
        self.spec["topics"] = {"load": {"partitions": 3, "replicas": 3}}

    @property
    def name(self) -> str:
        return self.spec["name"]

    @cached_property
    def machines(self) -> list["Machine"]:
        """Its hosts, once it has run, for the sentences of the scenarios that run elsewhere, too."""
        from .machine import Machine

        return [Machine(self, host) for host in self.hosts]

    def machine(self, host: str) -> "Machine":
        return next(machine for machine in self.machines if machine.name == host)

    @property
    def hosts(self) -> list[str]:
        return list(self.spec["hosts"])

    def keep_one_host(self) -> None:
        """For what one host is enough to see: it starts in a third of the time."""
        first = self.hosts[0]
        self.spec["hosts"] = {first: self.spec["hosts"][first]}
        self.spec["topics"] = {"load": {"partitions": 3, "replicas": 1}}

    @property
    def state(self) -> Path:
        return self.folder / "state" / "kafnix" / self.name

    @property
    def versions(self) -> dict[str, str]:
        """Product → the version of the spec, or the default one."""
        return {"kafka": "3.9.2", "zookeeper": "3.9.5", **self.spec.get("versions", {})}

    def release(self, product: str) -> Path:
        found = self.products / f"{product}-{self.versions[product]}"
        assert found.is_dir(), f"there is no {found}"
        return found

    def write_spec(self) -> None:
        """Only where it changes: a `kafnix` in the background may be reading it."""
        path, text = self.folder / "cluster.json", json.dumps(self.spec, indent=2)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def kafnix_run(
        self, *arguments: str, ok: bool = True, within: float = 2 * PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Runs kafnix on the spec; fails where it fails, unless that is what the test wants to see."""
        self.write_spec()
        done = subprocess.run(
            [str(self.kafnix), *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        if ok and done.returncode != 0:
            raise AssertionError(
                f"kafnix {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done

    def environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment["XDG_STATE_HOME"] = str(self.folder / "state")
        environment["KAFNIX_PRODUCTS"] = str(self.products)
        if self.java_home:
            environment["JAVA_HOME"] = str(self.java_home)
        return environment

    def local(self, *arguments: str, ok: bool = True, within: float = 2 * PATIENCE) -> subprocess.CompletedProcess[str]:
        return self.kafnix_run("local", *arguments, ok=ok, within=within)

    def background(self, *arguments: str) -> subprocess.Popen[str]:
        """`kafnix local …` that goes on while the test does."""
        self.write_spec()
        with (self.folder / "background.log").open("a") as log:
            return subprocess.Popen(
                [str(self.kafnix), "local", *arguments],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def verify(self) -> tuple[int, list[dict[str, Any]]]:
        done = self.kafnix_run(
            # A machine that also runs clients and recovers logs may be slow to answer.
            *("verify", "--local", "--timeout", "20", "--message-format", "json"),
            ok=False,
        )
        assert done.returncode in (0, 1), f"verify could not run: {done.stderr}"
        checks = json.loads(done.stdout)
        failed = [check for check in checks if check["outcome"] == "failed"]
        assert done.returncode == bool(failed), f"verify ended with {done.returncode}, and {len(failed)} have failed"
        assert any(check["outcome"] != "skipped" for check in checks), "verify has checked nothing"
        return done.returncode, checks

    def failed_checks(self) -> dict[str, list[str]]:
        """Code → what was found, of every check that failed."""
        failed: dict[str, list[str]] = {}
        for check in self.verify()[1]:
            if check["outcome"] == "failed":
                failed.setdefault(check["code"], []).append(str(check.get("found")))
        return failed

    def all_good(self) -> None:
        failed = self.failed_checks()
        assert not failed, f"checks failed: {failed}"

    def servers(self) -> list[Server]:
        rows = json.loads(self.local("status", "--message-format", "json").stdout)
        assert rows, f"{self.name} has no servers"
        return [Server(**{key: row.get(key) for key in Server.__dataclass_fields__}) for row in rows]

    def server(self, host: str, role: str) -> Server:
        for server in self.servers():
            if (server.host, server.role) == (host, role):
                return server
        raise AssertionError(f"there is no {role} on {host}")

    def role(self, role: str) -> list[Server]:
        found = [server for server in self.servers() if server.role == role]
        assert found, f"{self.name} has no {role}"
        return found

    def wait_for(self, host: str, role: str, what: str, within: float = PATIENCE) -> Server:
        """Waits until the server's status line has these words."""

        def asked() -> Server | None:
            server = self.server(host, role)
            return server if what in server.status else None

        return wait(f"{role} on {host} says `{what}`", asked, within)

    def wait_serving(self, host: str, role: str, within: float = PATIENCE) -> Server:
        def asked() -> Server | None:
            server = self.server(host, role)
            return server if server.phase == "serving" else None

        return wait(f"{role} on {host} serves", asked, within)

    def wait_ready(self, host: str, role: str, within: float = PATIENCE) -> Server:
        def asked() -> Server | None:
            server = self.server(host, role)
            return server if server.ready else None

        return wait(f"{role} on {host} is ready", asked, within)

    def wait_ended(self, host: str, role: str, within: float = PATIENCE) -> Server:
        def asked() -> Server | None:
            server = self.server(host, role)
            return server if server.phase == "ended" else None

        return wait(f"{role} on {host} has ended", asked, within)

    def kill(self, host: str, role: str, number: int = signal.SIGKILL) -> None:
        """Sends a signal to the JVM itself."""
        java = self.server(host, role).java
        assert java, f"{role} on {host} has no process"
        os.kill(java, number)

    def data(self, host: str, directory: str) -> Path:
        """The folder on this machine that stands for a directory of a host."""
        shown = json.loads(self.local("show", "--message-format", "json").stdout)
        return Path(shown["hosts"][host]["directories"][directory])

    def empty(self, host: str, directory: str) -> None:
        """The disk was replaced: the directory is there and holds nothing."""
        path = self.data(host, directory)
        shutil.rmtree(path)
        path.mkdir()

    def log(self, host: str, role: str) -> str:
        return self.local("logs", host, "--role", role).stdout

    def four(self, host: str, word: str) -> str:
        """A four-letter word of ZooKeeper, empty where nobody answers."""
        address = self.server(host, "zookeeper").address
        try:
            with socket.create_connection((address, 2181), timeout=5) as connection:
                connection.sendall(word.encode())
                answer = b""
                while part := connection.recv(65536):
                    answer += part
                return answer.decode()
        except OSError:
            return ""

    def mode(self, host: str) -> str:
        for line in self.four(host, "srvr").splitlines():
            if line.startswith("Mode: "):
                return line.removeprefix("Mode: ")
        return ""

    def leader(self) -> str:
        return next((host for host in self.hosts if self.mode(host) == "leader"), "")

    def wait_for_quorum(self, members: list[str] | None = None) -> str:
        """Waits until these servers follow one leader, and returns it."""
        members = members or self.hosts

        def asked() -> str:
            modes = {host: self.mode(host) for host in members}
            leaders = [host for host, mode in modes.items() if mode == "leader"]
            return leaders[0] if len(leaders) == 1 and all(modes.values()) else ""

        return wait(f"{', '.join(members)} are a quorum", asked)

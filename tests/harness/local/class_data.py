"""Class-data archives as a host's build makes them, and servers that start with one as a unit does."""

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .cluster import ROOT, Cluster
from .waiting import PATIENCE

CONFIGS = {"zookeeper": "zoo.cfg", "kafka": "server.properties"}
LOGGING = ["zookeeper-logback.xml", "kafka-log4j.properties"]
CLIENT_PORT, BROKER_PORT = 2181, 9092


def java() -> str:
    program = shutil.which("java")
    assert program
    return program


def release(cluster: Cluster, role: str) -> Path:
    return cluster.release(role)


def words(cluster: Cluster, role: str, folder: Path, class_data: Path | None) -> list[str]:
    """The command line of a unit's JVM, with its places in this folder and a small heap."""
    host = json.loads(cluster.kafnix_run("show", "hosts", "--message-format", "json").stdout)["kafka01"]
    place = {
        "java": java(),
        "install": str(release(cluster, role)),
        "runtime": str(folder / "runtime"),
        "memory": str(folder / "memory"),
        "logs": str(folder / "logs"),
        "config": str(folder / CONFIGS[role]),
    }
    arguments = host[role]["command"][1:]
    for name, path in place.items():
        arguments = [word.replace(f"{{{name}}}", path) for word in arguments]
    arguments = [word for word in arguments if not word.startswith("--heap=")] + ["--heap=256m"]
    if class_data:
        arguments.append(f"--class-data={class_data}/java-arguments")
    return cluster.kafnix_run("launch", "command", *arguments).stdout.splitlines()


def train(cluster: Cluster, role: str, out: Path) -> Path:
    """Makes an archive, as Nix does: in an empty folder, without randomised addresses."""
    folder = cluster.folder / f"build-{out.name}"
    folder.mkdir()
    servers = ("zookeeper", "kafka")[: 1 + (role == "kafka")]
    installed = [f"--{server}={cluster.versions[server]}={release(cluster, server)}" for server in servers]
    command = ["setarch", "-R", cluster.kafnix, "launch", "class-data", f"--java={java()}", "--jdk=17"]
    subprocess.run([*command, *installed, out], cwd=folder, check=True)
    return out


@dataclass
class Started:
    """A server without a launcher. It ends with the `with` that it is in."""

    folder: Path
    process: subprocess.Popen[bytes]
    # from its start until it served
    seconds: float = 0.0

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def classes(self) -> list[str]:
        found = (self.folder / "classes").read_text().splitlines()
        assert any(" source: " in line for line in found), f"the JVM names no class: {found[:3]}"
        return found

    def read(self) -> list[str]:
        """The classes that were read out of a jar or the JDK's modules. (Others are made as it runs.)"""
        return [line for line in self.classes() if "source: file:" in line or "source: jrt:" in line]

    def shared(self) -> list[str]:
        """The classes that came out of an archive, be it the JDK's own."""
        return [line for line in self.classes() if "source: shared objects file" in line]

    def wait_for(self, words: str, within: float = PATIENCE) -> "Started":
        begun = time.monotonic()
        while words not in self.log():
            self.seconds = time.monotonic() - begun
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log()[-2000:]}"
            assert self.seconds < within, f"the log does not say `{words}`: {self.log()[-2000:]}"
            # Short beside what a benchmark measures with it.
            time.sleep(0.01)
        return self

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


def start(
    cluster: Cluster,
    role: str,
    name: str,
    class_data: Path | None,
    *flags: str,
    program: str | None = None,
    classes: bool = True,
) -> Started:
    """Starts one server with an archive, or with none, and waits until it serves."""
    folder = cluster.folder / name
    for needed in ("runtime", "logs", "data/version-2"):
        (folder / needed).mkdir(parents=True)
    if role == "zookeeper":
        (folder / "data/myid").write_text("1\n")
        (folder / "data/initialize").write_text("")
        settings = [f"dataDir={folder}/data", f"clientPort={CLIENT_PORT}", "clientPortAddress=127.0.0.1"]
        settings += ["admin.enableServer=false", "initLimit=10", "syncLimit=5", "tickTime=2000"]
        settings += ["standaloneEnabled=false", "server.1=127.0.0.1:2888:3888"]
    else:
        (folder / "data/version-2").rmdir()
        settings = ["broker.id=1", f"listeners=PLAINTEXT://127.0.0.1:{BROKER_PORT}", f"log.dirs={folder}/data"]
        settings += [f"zookeeper.connect=127.0.0.1:{CLIENT_PORT}/{name}"]
    (folder / CONFIGS[role]).write_text("".join(f"{line}\n" for line in settings))
    for name in LOGGING:
        shutil.copy(ROOT / "launcher/jvm" / name, folder / "runtime")
    command = words(cluster, role, folder, class_data)
    if program:
        command[0] = program
    log_classes = [f"-Xlog:class+load:file={folder}/classes"] if classes else []
    command[1:1] = [*log_classes, *flags]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    started = Started(folder, process)
    return started.wait_for("LEADING - LEADER ELECTION TOOK" if role == "zookeeper" else "KafkaServer id=1] started")

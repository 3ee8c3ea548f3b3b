"""A server starts and serves though its class-data archive does not fit: another JDK, flags, jars."""

import os
import shutil
import subprocess
from pathlib import Path

from harness.local.class_data import java, release, start, train
from harness.local.cluster import Cluster

LONG = True


def scenario(cluster: Cluster) -> None:
    archive = train(cluster, "zookeeper", cluster.folder / "class-data")
    without_compressed = ["-XX:-UseCompressedOops", "-XX:-UseCompressedClassPointers"]
    jdks = other_jdks()
    if not jdks:
        print("there is no other JDK here to try it with")
    for name, class_data, flags, program in (
        ("flags", archive, without_compressed, None),
        ("gone", other(archive, "gone", lambda text: text.replace("classes.jsa", "gone.jsa")), [], None),
        ("jars", with_newer_jars(cluster, archive), [], None),
        *((f"jdk{number}", archive, [], program) for number, program in enumerate(jdks)),
    ):
        with start(cluster, "zookeeper", name, class_data, *flags, program=program) as server:
            # The JDK's own archive has none of them.
            archived = [line for line in server.shared() if " org.apache.zookeeper." in line]
            assert not archived, f"{name}: {len(archived)} classes come out of an archive that does not fit"
            assert any(" org.apache.zookeeper." in line for line in server.read()), f"{name}: they come out of no jar"
            print(f"{name}: serves after {server.seconds:.1f} s: {server.log().splitlines()[0]}")


def other(archive: Path, name: str, change) -> Path:
    """The same archive under a changed argument file."""
    folder = archive.with_name(f"class-data-{name}")
    folder.mkdir()
    os.link(archive / "classes.jsa", folder / "classes.jsa")
    (folder / "java-arguments").write_text(change((archive / "java-arguments").read_text()))
    return folder


def with_newer_jars(cluster: Cluster, archive: Path) -> Path:
    """The jars are no longer those that the archive was made of: copies elsewhere have another time."""
    jars = release(cluster, "zookeeper") / "lib"
    copies = cluster.folder / "lib"
    shutil.copytree(jars, copies, copy_function=shutil.copyfile)
    return other(archive, "jars", lambda text: text.replace(f"{jars}/", f"{copies}/"))


def other_jdks() -> list[str]:
    """One of another version, where this machine has one that takes the same flags."""

    def version(program: str) -> str:
        return subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stderr

    here = version(java())
    found = [str(program) for program in sorted(Path("/usr/lib/jvm").glob("*/bin/java"))]
    return [it for it in found if version(it) != here and 'version "1.8' not in version(it)][:1]

"""Releases as `kafnix --products DIR` takes them, laid out of the jars that Maven has, for machines that reach Maven's
repository but not the release archives:

  DIR/zookeeper-3.9.5/lib/*.jar    DIR/kafka-3.9.2/libs/*.jar

What is there and was laid out alike is kept; a release appears whole or not at all."""

import filecmp
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as xml

from .machine import CACHE, ROOT, require
from .processes import run
from .results import Result, Skipped
from .schedule import Work

DIRECTORY = CACHE / "products"
RELEASE = re.compile(r"(zookeeper|kafka)-(\d+\.\d+\.\d+)")
JARS = {"zookeeper": "lib", "kafka": "libs"}
POM = "pom.xml"
# A release archive brings a logging binding, the POMs leave it to whoever makes one. The same for what ZooKeeper needs
# for its AdminServer, metrics and their exporter, and snapshots packed by snappy. Its parent knows the versions.
BINDING = ("org.slf4j", "slf4j-reload4j", "1.7.36")
# which 3.5.10 has for its own tests alone
RELOAD4J = ("ch.qos.reload4j", "reload4j", "1.2.19")
# The binding of log4j 1: two bindings argue.
EXCLUDED = [("org.slf4j", "slf4j-log4j12"), ("log4j", "log4j")]

ADMIN = [
    ("org.eclipse.jetty", "jetty-server", None),
    ("org.eclipse.jetty", "jetty-servlet", None),
    ("com.fasterxml.jackson.core", "jackson-databind", None),
]

Dependency = tuple[str, str, str | None]


def committed() -> list[str]:
    """What the specs of this repository name, wherever they name it, and the defaults."""
    found = set()
    for pattern in ("cluster.json", "tests/specs/*/cluster.json", "templates/*/cluster.json"):
        for path in ROOT.glob(pattern):
            spec = json.loads(path.read_text())
            for versions in [spec.get("versions", {}), *(host.get("versions", {}) for host in spec["hosts"].values())]:
                found |= {f"{product}-{versions[product]}" for product in JARS if product in versions}
    text = (ROOT / "generator/src/resolve/defaults.rs").read_text()
    for product in JARS:
        version = re.search(rf"(?i)Product::{product} => Version\(\[(\d+), (\d+), (\d+)\]\)", text)
        assert version, f"there is no default version of {product}"
        found.add(f"{product}-{'.'.join(version.groups())}")
    return sorted(found)


def lay_out(directory: Path, releases: list[str]) -> None:
    """Puts those that are missing, or were laid out otherwise, into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    # One Maven call for all, into a folder beside the releases, so that a rename puts each in its place.
    with tempfile.TemporaryDirectory(prefix=".products.", dir=directory) as name:
        work = Path(name)
        missing = []
        for release in releases:
            write(work / release / POM, project(release))
            if not is_laid_out(directory / release, work / release):
                missing.append(release)
        if not missing:
            return
        require("mvn")
        write(work / POM, aggregate(missing))
        command = ["mvn", "-q", "-B", "-fae", "-f", work / POM, "dependency:copy-dependencies"]
        status, said = run([*command, "-DoutputDirectory=jars", "-DincludeScope=runtime"])
        if status != 0:
            sys.stderr.write("\n".join(said.splitlines()[-20:]) + "\n")
            raise Skipped("Maven does not reach the releases")
        for release in missing:
            made = work / release / "release"
            made.mkdir()
            (work / release / "jars").rename(made / JARS[release.split("-")[0]])
            shutil.copy(work / release / POM, made)
            # Servers that run go on with the jars that they have opened.
            with suppress(FileNotFoundError):
                (directory / release).rename(work / release / "before")
            # somebody else may have been faster; theirs is as good
            with suppress(OSError):
                made.rename(directory / release)
            assert is_laid_out(directory / release, work / release), f"{made} could not become {directory / release}"


def is_laid_out(release: Path, work: Path) -> bool:
    """Whether a release is there, of the same project."""
    return (release / POM).is_file() and filecmp.cmp(release / POM, work / POM, shallow=False)


def project(release: str) -> xml.Element:
    product, version = release.split("-")
    made = element("project", xmlns="http://maven.apache.org/POM/4.0.0")
    children(made, modelVersion="4.0.0", groupId="kafnix.products", artifactId=release, version="1", packaging="pom")
    if product == "zookeeper":
        managed = xml.SubElement(xml.SubElement(made, "dependencyManagement"), "dependencies")
        parent = xml.SubElement(managed, "dependency")
        children(
            parent, groupId="org.apache.zookeeper", artifactId="parent", version=version, type="pom", scope="import"
        )
    all_of_them = xml.SubElement(made, "dependencies")
    for group, artifact, own in dependencies(product, version):
        one = xml.SubElement(all_of_them, "dependency")
        # without a version the one that the parent manages
        children(one, groupId=group, artifactId=artifact, scope="runtime", **({"version": own} if own else {}))
        excluded = xml.SubElement(one, "exclusions")
        for group_id, artifact_id in EXCLUDED:
            children(xml.SubElement(excluded, "exclusion"), groupId=group_id, artifactId=artifact_id)
    return made


def dependencies(product: str, version: str) -> list[Dependency]:
    if product == "kafka":
        kafka = [("org.apache.kafka", artifact, version) for artifact in ("kafka_2.13", "kafka-tools")]
        return [*kafka, BINDING]
    number = tuple(map(int, version.split(".")))
    # its shell needs the second
    found: list[Dependency] = [
        ("org.apache.zookeeper", "zookeeper", version),
        ("commons-cli", "commons-cli", None),
        *ADMIN,
    ]
    if number >= (3, 6):
        found += [("io.dropwizard.metrics", "metrics-core", None), ("org.xerial.snappy", "snappy-java", None)]
        found += [("org.apache.zookeeper", "zookeeper-prometheus-metrics", exporter(version))]
    return [*found, ("ch.qos.logback", "logback-classic", None)] if number >= (3, 8) else [*found, BINDING, RELOAD4J]


def exporter(version: str) -> str:
    """Of which version of ZooKeeper the exporter is: its own, where that can be had."""
    facts = json.loads((ROOT / "tools/keys/extra.json").read_text())["zookeeper"]
    return facts["exporters"].get(version, {"of": version})["of"]


def aggregate(releases: list[str]) -> xml.Element:
    made = element("project", xmlns="http://maven.apache.org/POM/4.0.0")
    children(made, modelVersion="4.0.0", groupId="kafnix.products", artifactId="all", version="1", packaging="pom")
    modules = xml.SubElement(made, "modules")
    for release in releases:
        xml.SubElement(modules, "module").text = release
    return made


def element(name: str, **attributes: str) -> xml.Element:
    return xml.Element(name, attributes)


def children(parent: xml.Element, **texts: str) -> None:
    for name, text in texts.items():
        xml.SubElement(parent, name).text = text


def write(path: Path, root: xml.Element) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(root).write(path, encoding="utf-8")


def prepare() -> Iterator[Result]:
    lay_out(DIRECTORY, committed())
    yield from ()


READY = Work("", "the releases are laid out", prepare, cores=0.5)


def main() -> int:
    """products DIR [PRODUCT-VERSION…]"""
    match sys.argv[1:]:
        case [directory, *releases] if not directory.startswith("-"):
            pass
        case _:
            print("usage: tests/products DIR [PRODUCT-VERSION...]", file=sys.stderr)
            return 2
    for release in releases:
        if not RELEASE.fullmatch(release):
            print(
                f"tests/products: `{release}` is no release: name one as kafka-3.9.2 or zookeeper-3.9.5",
                file=sys.stderr,
            )
            return 2
    place = Path(directory).resolve()
    try:
        lay_out(place, releases or committed())
    except Skipped as reason:
        print(f"tests/products: skipped: {reason}", file=sys.stderr)
        return 77
    print("\n".join(str(place / release) for release in releases or committed()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

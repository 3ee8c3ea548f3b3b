"""The Java runtimes that servers of the tests have. Each compiles with its quick compiler alone, which takes a third
off what the start of a cluster costs: servers of a test live for seconds.

Java 8 is for the versions of products that take no later one, on Debian, as root. The release that this
machine runs has none; Debian's unstable one still does, with a C library of its own, so that the runtime is taken with
all the libraries that it needs and told to use those."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from .machine import CACHE, require
from .processes import run
from .results import Result, Skipped
from .schedule import Work

# what a runtime is given before all other arguments
QUICK = "-XX:TieredStopAtLevel=1"
# for JAVA_HOME: the one on PATH
DEFAULT = CACHE / "java"
# Java 8
HOME = CACHE / "java-8"
TREE = CACHE / "java-8-tree"
# where hosts have the tree, and what starts its program there
ON_HOSTS = "/nix/store/java-8-tree"
OF_HOSTS = TREE / "java-of-hosts"
PACKAGES = "openjdk-8-jre-headless,libc6,zlib1g,libstdc++6"


def prepare() -> Iterator[Result]:
    CACHE.mkdir(parents=True, exist_ok=True)
    # two runs may begin at once
    with (CACHE / ".java-8.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not OF_HOSTS.exists() or not (HOME / "bin/java").exists():
            lay_out()
    yield from ()


def lay_out() -> None:
    require("mmdebstrap", "patchelf")
    made = HOME.with_name("java-8.new")
    for left in (TREE, HOME, made):
        shutil.rmtree(left, ignore_errors=True)
    # The list of unstable may be older than the week that it promises to be fresh for.
    fresh = ['--aptopt=Acquire::Check-Valid-Until "false"']
    does("mmdebstrap", "--quiet", "--variant=extract", f"--include={PACKAGES}", *fresh, "sid", TREE)
    [java] = TREE.glob("usr/lib/jvm/java-8-openjdk-*/jre/bin/java")
    loader = next(TREE.rglob("ld-linux*.so.*"))
    libraries = ":".join(str(path) for path in TREE.glob("usr/lib/*-linux-gnu"))
    # its program begins with the C library of the tree by name, so a host has a program of its own
    of_hosts = java.with_name("java-of-hosts")
    shutil.copy(java, of_hosts)
    does("patchelf", "--set-interpreter", there(loader), of_hosts)
    does("patchelf", "--set-interpreter", loader, java)
    program(made / "bin/java", java, libraries)
    does(made / "bin/java", "-version")
    program(OF_HOSTS, there(of_hosts), there(libraries))
    made.rename(HOME)


def there(text: Path | str) -> str:
    """As a host sees it."""
    return str(text).replace(str(TREE), ON_HOSTS)


def program(path: Path, java: Path | str, libraries: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {java} {QUICK} "$@"\n')
    path.chmod(0o755)


def default() -> None:
    """The runtime that this machine has, in a folder of its own."""
    require("java")
    program = Path(shutil.which("java") or "").resolve()
    home = program.parents[1]
    script = f'#!/bin/sh\nexec {program} {QUICK} "$@"\n'
    if (DEFAULT / "bin/java").exists() and (DEFAULT / "bin/java").read_text() == script:
        return
    made = DEFAULT.with_name(f"java.{os.getpid()}")
    (made / "bin").mkdir(parents=True)
    for file in home.iterdir():
        if file.name != "bin":
            (made / file.name).symlink_to(file)
    (made / "bin/java").write_text(script)
    (made / "bin/java").chmod(0o755)
    shutil.rmtree(DEFAULT, ignore_errors=True)
    made.rename(DEFAULT)


def does(*command: str | Path) -> None:
    status, said = run(command)
    if status != 0:
        raise Skipped(f"there is no Java 8 here: {(said.strip().splitlines() or ['no reason'])[-1]}")


JAVA_8 = Work("", "Java 8 is laid out", prepare)

"""The shell scripts of the modules, run over a release that only says what it was given."""

import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import nix
from .machine import ROOT
from .processes import Command, run
from .results import Result, judged

SAYS_WHAT_IT_IS_GIVEN = '#!/usr/bin/env bash\necho "${0##*/} $JAVA_HOME $# $*"\n'
# With one of these a tool is asked for another server, or for none.
LEFT_ALONE = [
    "--bootstrap-server b:2",
    "--bootstrap-server=b:2",
    "--bootstrap-controller b:2",
    "--broker-list b:2",
    "--zookeeper b:2",
    "--authorizer-properties x=y",
    "--help",
    "--version",
]


def tests() -> Iterator[Result]:
    nix.require_nix()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        release = work / "release"
        program(release / "bin/zkCli.sh", SAYS_WHAT_IT_IS_GIVEN)
        (work / "bin").mkdir()
        arguments = f'package = "{release}"; jdk = "/jdk"; server = "a:1";'
        yield from zk_cli(text("lib/zk-cli.nix", arguments))
        yield from tools(work, text("lib/kafka-tool.nix", arguments))
        yield from own_directories(work)


def zk_cli(script: str) -> Iterator[Result]:
    def zk(*arguments: str) -> str:
        return said(["bash", "-c", script, "zkCli.sh", *arguments])

    yield same("zkCli.sh asks this host's server", "zkCli.sh /jdk 2 -server a:1", zk())
    yield same("zkCli.sh hands a command on", "zkCli.sh /jdk 4 -server a:1 ls /a b", zk("ls", "/a b"))
    yield same(
        "zkCli.sh with a server is left alone", "zkCli.sh /jdk 4 -server b:2 ls /", zk("-server", "b:2", "ls", "/")
    )
    yield same("zkCli.sh -help is left alone", "zkCli.sh /jdk 1 -help", zk("-help"))


def tools(work: Path, script: str) -> Iterator[Result]:
    (work / "tool").write_text(script)

    def tool(name: str, *arguments: str) -> str:
        program(work / "release/bin" / name, SAYS_WHAT_IT_IS_GIVEN)
        link = work / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(work / "tool")
        return said(["bash", link, *arguments])

    asked = "--bootstrap-server a:1"
    yield same(
        "a Kafka tool asks this host's broker",
        f"kafka-topics.sh /jdk 3 {asked} --list",
        tool("kafka-topics.sh", "--list"),
    )
    for given in LEFT_ALONE:
        words = given.split()
        yield same(
            f"a Kafka tool with {words[0]} is left alone",
            f"kafka-configs.sh /jdk {len(words) + 1} --describe {given}",
            tool("kafka-configs.sh", "--describe", *words),
        )
    for name in ("kafka-log-dirs.sh", "kafka-reassign-partitions.sh"):
        yield same(
            f"{name} asks this host's broker about the brokers that it is given",
            f"{name} /jdk 4 {asked} --broker-list 1,2",
            tool(name, "--broker-list", "1,2"),
        )
    yield same(
        "a Kafka tool keeps blanks and empty arguments",
        f"kafka-topics.sh /jdk 5 {asked} --topic a b ",
        tool("kafka-topics.sh", "--topic", "a b", ""),
    )
    yield same(
        "kafka-cluster.sh gets the broker behind its sub-command",
        f"kafka-cluster.sh /jdk 3 cluster-id {asked}",
        tool("kafka-cluster.sh", "cluster-id"),
    )
    yield same(
        "a tool that asks no broker is left alone",
        "kafka-dump-log.sh /jdk 2 --files x",
        tool("kafka-dump-log.sh", "--files", "x"),
    )


def own_directories(work: Path) -> Iterator[Result]:
    script = text("lib/own-directories.nix", 'install = "echo install"; mountpoint = "stub_mountpoint";')

    def own(script: str, *arguments: str | Path) -> tuple[int, str]:
        # of the mount points, /mounted is one
        stub = "stub_mountpoint() { [[ $2 == /mounted ]]; }; "
        return run(["bash", "-c", stub + script, "own-directories", "u", "g", *arguments])

    def made(*arguments: str | Path) -> str:
        return own(script, *arguments)[1].removesuffix("\n")

    install = "install -d -m 0750 -o u -g g"
    yield same(
        "a unit's directories are its user's own",
        f"{install} /mounted/a\n{install} /mounted/b c",
        made("/mounted", "/mounted/a", "/mounted", "/mounted/b c"),
    )
    yield same(
        "a directory whose disk is missing is not made",
        f"/missing is not mounted: /missing/a is left out\n{install} /mounted/b",
        made("/missing", "/missing/a", "/mounted", "/mounted/b"),
    )
    yield same(
        "a directory below a missing disk is not taken for it",
        f"{work} is not mounted: {work}/bin is left out\ninstall -d -m 0700 -o root -g root {work}/bin",
        made(work, work / "bin"),
    )
    status, _ = own(script.replace("echo install", "false"), "/mounted", "/mounted/b")
    yield same("a directory that cannot be made is left to the launcher", "0", str(status))


def text(file: str, arguments: str) -> str:
    """A script of nixos-modules."""
    return str(nix.evaluate(f"import {ROOT}/nixos-modules/{file} {{ {arguments} }}"))


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


def said(command: Command) -> str:
    status, output = run(command)
    return (
        output.removesuffix("\n") if status == 0 else f"{shlex.join(map(str, command))} ended with {status}: {output}"
    )


def same(name: str, expected: str, got: str) -> Result:
    return judged(name, None if got == expected else f"expected '{expected}', got '{got}'")

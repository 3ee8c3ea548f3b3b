"""The commands that README and the documents show work as they stand, block by block, in a clean copy of the
repository; what needs Nix, other hosts or disks is named here, and no command is passed over."""

import os
import re
import shutil
import signal
import subprocess
from itertools import takewhile
from pathlib import Path

from harness.local.cluster import Cluster
from harness.machine import ROOT

DOCUMENTS = ["README.md", "docs/local.md", "docs/operating.md", "docs/hosts.md", "docs/images.md", "docs/vm-tests.md"]
# how the program is called → how it is called here
PROGRAM = re.compile(r"^cargo run --release -p kafnix --(?= )")
RUN_HERE = ("kafnix", "git", "mkdir", "sed")
NOT_RUN_HERE = ("nix", "nixos-rebuild", "ssh", "mkfs.xfs", "disko", "tests/run")
# What only looks at a host: a scenario on hosts runs those of the journal.
LOOKS_AT_A_HOST = ("journalctl", "systemctl")
# What these end with: the spec of the example has a slip or a change, and nothing runs at the addresses of the deployed
# cluster.
ENDS_WITH = {"kafnix check": 1, "kafnix diff": 1, "kafnix verify --local": 0, "kafnix verify": 1}
UNTIL_INTERRUPTED = ("-f", "--watch")
LIMIT = 300


def scenario(cluster: Cluster) -> None:
    repository = cluster.folder / "kafnix"
    without = shutil.ignore_patterns("target", ".git", "result")
    shutil.copytree(ROOT, repository, symlinks=True, ignore=without)
    programs = cluster.folder / "bin"
    programs.mkdir()
    (programs / "kafnix").symlink_to(cluster.kafnix)
    environment = {**cluster.environment(), "PATH": f"{programs}:{os.environ['PATH']}"}
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message=all"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    ran, left = 0, []
    for document in DOCUMENTS:
        text = (ROOT / document).read_text()
        if "kafnix verify --local" in text and "local up  " not in text:
            runs("kafnix local up", repository, environment)
        for block in blocks(text):
            # what follows a command that cannot run here builds on it
            before = list(takewhile(lambda it: it.split()[0] not in NOT_RUN_HERE, block))
            here = [command for command in before if command.split()[0] not in LOOKS_AT_A_HOST]
            left += [command for command in block if command not in here]
            folder = repository
            for command in here:
                print(f"{document}: {command}", flush=True)
                folder = runs(command, folder, environment)
                ran += 1
        cluster.local("down", "--wipe", ok=False)
        status = subprocess.check_output(["git", "status", "--porcelain", "--", ":!cluster"], cwd=repository, text=True)
        assert status == "", f"{document} leaves {status}"
    print("not run here:", *left, sep="\n  ")
    assert ran > 15, f"{ran} commands were run"


def blocks(document: str) -> list[list[str]]:
    """The commands of each block without a language, which has nothing else."""
    found = []
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL):
        lines = [re.sub(r"\s+# .*$", "", PROGRAM.sub("kafnix", line)) for line in block.splitlines() if line]
        if language == "":
            strange = [line for line in lines if not is_known(line)]
            assert not strange, f"say in this scenario whether these can run, or name the block's language: {strange}"
            found.append(lines)
    return found


def is_known(command: str) -> bool:
    return command.split()[0] in (*RUN_HERE, *NOT_RUN_HERE, *LOOKS_AT_A_HOST)


def runs(command: str, folder: Path, environment: dict[str, str]) -> Path:
    """Runs a command in a folder, and returns the one that it ends in."""
    process = subprocess.Popen(
        ["bash", "-c", f"{command}\nstatus=$?; pwd; exit $status"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if any(word in UNTIL_INTERRUPTED for word in command.split()):
        assert process.stdout and process.stdout.readline(), f"`{command}` says nothing"
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=LIMIT)
        return folder
    said, _ = process.communicate(timeout=LIMIT)
    expected = next((status for start, status in ENDS_WITH.items() if command.startswith(start)), 0)
    assert process.returncode == expected, f"`{command}` ended with {process.returncode}: {said}"
    return Path(said.splitlines()[-1])

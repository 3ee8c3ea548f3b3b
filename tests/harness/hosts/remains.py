"""What hosts leave on the machine that runs them: files and control groups of a run that was killed, and a setting of
the one kernel that all hosts have."""

import shutil
from pathlib import Path

from ..processes import abandoned
from . import cgroups

PREFIX = "kafnix-hosts-"
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def sweep(within: Path | None = None) -> None:
    """Takes away the files and control groups of a run that was killed: its processes are gone by themselves."""
    for folder in abandoned(PREFIX, within):
        cgroups.remove(folder.name)
        shutil.rmtree(folder, ignore_errors=True)


def huge_pages() -> str:
    return HUGE_PAGES.read_text() if HUGE_PAGES.exists() else ""


def restore(before: str) -> None:
    """A host sets it as NixOS says, and all hosts have one kernel."""
    if "[" in before and HUGE_PAGES.read_text() != before:
        HUGE_PAGES.write_text(before.split("[")[1].split("]")[0])

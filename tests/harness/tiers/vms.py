"""Tier 5: the scenarios as NixOS VM tests, where nix reaches a binary cache and there is KVM."""

import os
import platform
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .. import nix
from ..machine import ROOT
from ..processes import run
from ..results import Result, Skipped, judged
from ..schedule import GIB, Work

KVM = Path("/dev/kvm")
CHECKS = f"{ROOT}#checks.{platform.machine()}-linux"


def works(name: str) -> list[Work]:
    return [Work("vms", "VM tests", partial(tests, name), cores=2, memory=8 * GIB)]


def tests(name: str) -> Iterator[Result]:
    if not os.access(KVM, os.R_OK | os.W_OK):
        raise Skipped("there is no KVM")
    nix.require_nix()
    if nix.nixpkgs():
        raise Skipped("the nixpkgs of flake.lock is out of reach")
    attributes = nix.nix("eval", "--raw", CHECKS, "--apply", "checks: toString (builtins.attrNames checks)")
    found = re.findall(r"\bvm-\S+", attributes)
    assert found, f"{CHECKS} has no VM test"
    for test in found:
        if name in test:
            command = ["nix", "build", "--no-link", "--print-build-logs", f"{CHECKS}.{test}"]
            status, said = run(command, environment=nix.environment())
            yield judged(test, f"{said}\nit ended with {status}" if status else None)

"""Tests the tests. In a copy of the repository one promise is broken at a time; the scenario that guards it must turn
red. Minutes for each; it takes what tier 4 takes, and the nixpkgs that tier 2 evaluates with."""

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import cargo
from .hosts import ready
from .machine import ROOT
from .processes import run
from .results import Result, failed, ok
from .schedule import GIB, Work
from .tiers import evaluation

TIER = "mutations"
# What cargo builds of the copies, one after the other: each takes its programs away before the next one's are built.
BUILT = cargo.TARGET / "mutated"
BUILDING = threading.Lock()
PROGRAMS = ["kafnix", "kafnix-launch"]


@dataclass
class Edit:
    files: str
    old: str
    new: str


@dataclass
class Mutation:
    name: str
    # or the unit test
    scenario: str
    edits: list[Edit]
    # where the scenario runs
    tier: str = "hosts"

    def changed(self, copy: Path) -> Iterator[tuple[Path, str]]:
        """Each file with the text that it would have."""
        for edit in self.edits:
            files = sorted(copy.glob(edit.files))
            assert files, f"there is no {edit.files}"
            for file in files:
                text = file.read_text()
                assert edit.old in text, f"{file.relative_to(copy)} has no `{edit.old}`: bring the mutation up to date"
                yield file, text.replace(edit.old, edit.new)

    def apply(self, copy: Path) -> None:
        for file, text in self.changed(copy):
            file.write_text(text)

    def touches_modules(self) -> bool:
        return any(edit.files.endswith(".nix") for edit in self.edits)


def listener(number: int) -> Edit:
    address = f"10.0.0.1{number}:9092"
    file = f"hosts/kafka0{number}/default.nix"
    return Edit(
        file, f' listeners = [ "PLAINTEXT://{address}" ]', f' listeners = [ "PLAINTEXT://kafka0{number}:9092" ]'
    )


MUTATIONS = [
    Mutation(
        "a listener is bound to the host's name, which NixOS gives to 127.0.0.2",
        "the_cluster_forms",
        [
            listener(1),
            listener(2),
            listener(3),
            Edit("nixos-modules/cluster.nix", "networking.hosts = cfg.cluster.names // {", "networking.hosts = {"),
            Edit("nixos-modules/cluster.nix", '"127.0.0.2" = lib.mkForce [ ];', ""),
        ],
    ),
    Mutation(
        "a launcher ends the session of whoever is registered",
        "the_leaders_of_a_dead_broker_move_at_once",
        [Edit("launcher/src/kafka/fail_over.rs", "Some(stat) if stat.ephemeral_owner == session", "Some(stat)")],
        tier="local",
    ),
    Mutation(
        "hosts take no turn",
        "hosts_that_are_switched_at_once_restart_one_after_the_other",
        [Edit("operate/src/guard.rs", "take(&session, &paths, self.turn)", "take(&session, &[], self.turn)")],
    ),
    Mutation(
        "a host looks at the cluster before it takes the turn",
        "the_turn_is_taken_before_anything_is_looked_at",
        [
            Edit(
                "operate/src/guard.rs",
                "        let new = match turn::take(",
                "        let said = self.said(true).await;\n        let new = match turn::take(",
            ),
            Edit("operate/src/guard.rs", "        let said = self.said(true).await;\n        if", "        if"),
        ],
        tier="code",
    ),
    Mutation(
        "min ISR holds up no switch",
        "a_switch_that_would_cost_min_isr_is_refused",
        [Edit("operate/src/restart/broker.rs", "if left >= min {", "if left < usize::MAX {")],
    ),
    Mutation(
        "a rollout begins with the controller",
        "a_rollout_under_load_refuses_no_record",
        [Edit("operate/src/rollout/order.rs", "all.sort_by(|a, b| (a.place", "all.sort_by(|b, a| (a.place")],
    ),
    Mutation(
        "a broker does not wait for its old registration",
        "a_broker_is_killed_and_comes_back_at_once",
        [
            Edit(
                "launcher/src/kafka/registration.rs",
                "Seen::Held(registration, watcher) => {",
                "Seen::Held(registration, watcher) => {\n if registration.since >= 0 { return Ok(()); }",
            )
        ],
    ),
    Mutation(
        "a broker's stop has no bound",
        "all_hosts_power_off_together_in_time",
        [
            Edit(
                "launcher/src/kafka/stop.rs",
                "    async move {\n",
                "    async move {\n        std::future::pending::<()>().await;\n",
            )
        ],
    ),
    Mutation(
        "each line of an event is an entry of its own",
        "a_stack_trace_is_one_entry",
        [Edit("launcher/src/journal.rs", 'const STREAM: &str = "JOURNAL_STREAM";', 'const STREAM: &str = "NOBODY";')],
    ),
    Mutation(
        "nobody sees that a log directory goes offline",
        "a_log_directory_goes_offline_under_load",
        [Edit("launcher/src/kafka/log_dirs.rs", "map_or(true, |holder| holder.is_some())", "map_or(true, |_| true)")],
    ),
    Mutation(
        "a server is ordered against nothing that holds its address",
        "all_hosts_power_off_together_in_time",
        [Edit("nixos-modules/lib/server.nix", "      ++ addresses\n", "")],
    ),
    Mutation(
        "a server does not wait for its address",
        "a_server_waits_for_its_address",
        [Edit("launcher/src/addresses.rs", "!is_here(**address)", "false && !is_here(**address)")],
    ),
    Mutation(
        "a server does not need its mount",
        "a_missing_disk_starts_its_units_when_it_comes",
        [Edit("nixos-modules/lib/server.nix", "RequiresMountsFor = map word directories;", "")],
    ),
    Mutation(
        "firewall and address filter are open to everybody",
        "a_stranger_reaches_the_client_listener_alone",
        [
            Edit("nixos-modules/firewall.nix", " ${family.name} saddr ${source.text} accept", " accept"),
            Edit("nixos-modules/lib/server.nix", 'IPAddressDeny = "any";', ""),
        ],
    ),
]


def works() -> list[Work]:
    return [
        Work(TIER, "licences", cargo.licences, tests=[cargo.LICENCES], long=True),
        Work(TIER, "bare build", cargo.bare, (), [cargo.BUILT], 1.2, 2 * GIB, tests=[cargo.BARE], long=True),
        *(
            Work(
                TIER,
                mutation.name,
                partial(tried, mutation),
                [ready.PREPARED, *([evaluation.NIXPKGS] if mutation.touches_modules() else [])],
                [cargo.BUILT],
                # it waits more than it builds
                cores=0.7,
                memory=6 * GIB,
                tests=[f"{mutation.name}: {mutation.scenario}"],
                long=True,
            )
            for mutation in MUTATIONS
        ),
    ]


def touch(copy: Path) -> None:
    """What cargo built last may be of another copy, and newer than the files of this one."""
    for file in copy.rglob("*.rs"):
        os.utime(file)


def programs_of(copy: Path) -> Path:
    """Builds a copy, and returns the folder of its programs."""
    folder = copy / "programs"
    folder.mkdir()
    bins = [word for program in PROGRAMS for word in ("--bin", program)]
    with BUILDING:
        touch(copy)
        status, said = run(["cargo", "build", "--locked", "--quiet", "--target-dir", BUILT, *bins], folder=copy)
        assert status == 0, said
        for program in PROGRAMS:
            shutil.copy(BUILT / "debug" / program, folder)
    return folder


def tested(mutation: Mutation, copy: Path) -> tuple[int, str]:
    """What the tests say of a copy."""
    tests = copy / "tests/run"
    if mutation.tier == "code":
        with BUILDING:
            touch(copy)
            return run([tests, mutation.tier, mutation.scenario], environment={"CARGO_TARGET_DIR": str(BUILT)})
    environment = {"KAFNIX_PROGRAMS": str(programs_of(copy))}
    if mutation.touches_modules():
        status, said = run([tests, "write", "documents"], environment=environment)
        assert status == 0, said
    return run([tests, mutation.tier, mutation.scenario], environment=environment)


def tried(mutation: Mutation) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="kafnix-mutate-") as folder:
        copy = Path(folder) / "kafnix"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns("target", ".git", "result"))
        mutation.apply(copy)
        status, said = tested(mutation, copy)
    name = f"{mutation.name}: {mutation.scenario}"
    wrong = re.findall("^ *(?:AssertionError: |assertion )(.*)$", said, re.MULTILINE)
    if status != 1 or not re.search(rf"FAILED .*\b{mutation.scenario}\b", said):
        yield failed(name, f"{said}\nthe scenario does not find it")
    elif not wrong:
        yield failed(name, f"{said}\nthe scenario ended early")
    else:
        yield Result(name, ok(name).outcome, f"found by `{wrong[0][:200]}`")

"""What a server would refuse at its start ends the build of its host, with a sentence that names the setting, before
anything can be switched; what the hosts run is built, and every server goes on."""

from helpers.cluster import SERVERS, processes, settings, start_cluster
from helpers.machine import Machine

HARMLESS = True
# how a line is spoilt, for sed, and words of what the server says
REFUSED = {
    "zookeeper": [("s/^tickTime=.*/tickTime=often/", "often"), ("/^initLimit=/d", "initLimit is not set")],
    "kafka": [
        ("s/^broker.id=.*/broker.id=-7/", "broker.id"),
        ("s/^log.dirs=/log.retention.hours=many\\nlog.dirs=/", "log.retention.hours"),
    ],
}


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    for machine in machines:
        before = processes(machine)
        for role in (role for role in SERVERS if settings(machine, role)):
            machine.succeed(build(role, "s/^//"))
            for spoil, words in REFUSED[role]:
                said = machine.fail(f"{build(role, spoil)} 2>&1")
                assert "is refused: " in said and words in said, f"{spoil}: {said}"
                assert f"correct services.kafnix.{role}.settings" in said, said
        assert processes(machine) == before, "a server has been restarted"


def build(role: str, change: str) -> str:
    """Runs what the build of the host runs for this server, over its configuration with a change."""
    name = SERVERS[role].rsplit("/", 1)[-1]
    file = f"/nix/store/etc-{role}-{name}"
    within = f"sed '{change}' {file} >{name} && sed \"s|{file}|$PWD/{name}|\" /nix/store/{role}-config-check >build"
    return f'(cd "$(mktemp -d)" && {within} && out=$PWD/built bash -eu build && test -e built)'

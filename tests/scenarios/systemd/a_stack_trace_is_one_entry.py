"""An error with a stack trace is one entry of the journal, with its priority, its logger and all its lines; so it is
of a broker and of a ZooKeeper server. The commands that the documentation gives for the logs show it."""

import json

from helpers.cluster import leader, listener, member, start_cluster, wait_until
from helpers.machine import Machine

HARMLESS = True
# A request that no release of Kafka knows.
UNKNOWN = r"\0\0\0\x0a\x7f\xff\0\0\0\0\0\x01\xff\xff"
# The lines of docs/operating.md with what each must show here; what does not end is stopped.
READ = {
    "journalctl -u kafka -b": "InvalidRequestException",
    "journalctl -u kafka -p warning --since -1h": "InvalidRequestException",
    "journalctl -u kafka -u zookeeper -f": "kafka",
    "journalctl -u kafka LOGGER=kafka.server.KafkaServer": "KafkaServer",
    "journalctl -F LOGGER": "kafka.network.Processor",
}


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    broker = machines[0]
    send(broker, listener(broker), UNKNOWN)
    entry = one(broker, "kafka", "kafka.network.Processor", "Exception while processing request from")
    assert entry["PRIORITY"] == "3", entry
    check(entry, "InvalidRequestException")
    assert entry["_SYSTEMD_UNIT"] == "kafka.service" and entry["THREAD_NAME"], entry
    for command, words in READ.items():
        read(broker, command, words)

    leads = leader(machines)
    peers = member(leads)
    # what is no greeting of a follower
    send(leads, f"{peers.address}:{peers.peer_port}", r"\x7f\xff\xff\xff\x7f\xff\xff\xff")
    entry = one(leads, "zookeeper", "org.apache.zookeeper.server.quorum.LearnerHandler", "LearnerHandler")
    assert entry["PRIORITY"] in "34", entry
    check(entry, "EOFException")


def send(machine: Machine, address: str, text: str) -> None:
    host, _, port = address.rpartition(":")
    talk = f'exec 3<>/dev/tcp/{host.strip("[]")}/{port}; printf "{text}" >&3; timeout 2 cat <&3'
    machine.execute(f"bash -c '{talk}' >/dev/null 2>&1")


def one(machine: Machine, role: str, logger: str, words: str) -> dict[str, str]:
    """The last entry of a logger that has these words and more than one line."""
    ask = f"journalctl --boot=0 --unit={role} --priority=warning --output=json --no-pager LOGGER={logger}"

    def there() -> list[dict[str, str]]:
        entries = [json.loads(line) for line in machine.succeed(f"journalctl --sync; {ask}").splitlines()]
        return [entry for entry in entries if words in entry["MESSAGE"] and "\n" in entry["MESSAGE"]]

    return wait_until(f"{logger} on {machine.name} has said `{words}`", there, within=60)[-1]


def read(machine: Machine, command: str, words: str) -> None:
    """Reads the journal as a person does."""
    command = f"{command} --no-pager"
    if " -f " in command:
        command = f"{{ timeout 5 {command} || test $? = 124; }}"
    said = machine.succeed(command)
    assert words in said, f"`{command}` on {machine.name} does not show `{words}`: {said[-2000:]}"


def check(entry: dict[str, str], exception: str) -> None:
    first, *rest = entry["MESSAGE"].splitlines()
    assert first.startswith(("ERROR [", "WARN [")), entry
    assert any(exception in line for line in rest), entry
    frames = [line for line in rest if line.startswith("\tat ")]
    assert len(frames) >= 2 and not any("<" in line[:1] for line in rest), entry

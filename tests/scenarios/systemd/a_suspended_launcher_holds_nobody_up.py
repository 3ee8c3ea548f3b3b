"""A launcher that is suspended does not hold its broker up, however much the broker writes; once it goes on, the
journal has what is written from then on."""

from helpers.cluster import broker_id, listener, main_process, start_cluster, wait_until, wait_until_it_says
from helpers.load import consume, create_topic, produce
from helpers.machine import Machine

LONG = True


# Each makes the broker write an error with its stack trace, of a kilobyte and more: together more than a pipe holds.
REQUESTS = 3000
UNKNOWN = r"\0\0\0\x0a\x7f\xff\0\0\0\0\0\x01\xff\xff"
COUNT = "journalctl --sync; journalctl --boot=0 --unit=kafka --output=cat --no-pager LOGGER=kafka.network.Processor"


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    broker = machines[0]
    launcher = main_process(broker, "kafka.service")
    create_topic(broker, "held")
    broker.succeed(f"kill -STOP {launcher}")
    flood(broker, REQUESTS)
    # each broker leads a partition: this one, too, takes records and gives them back
    lines = [str(number) for number in range(300)]
    produce(broker, "held", lines, "batch.size=1")
    assert sorted(consume(broker, "held", len(lines))) == sorted(lines)
    broker.succeed(f"kill -CONT {launcher}")
    told = wait_until("the journal goes on", lambda: errors(broker))
    broker.log(f"{told} of {REQUESTS} errors are in the journal")
    assert told < REQUESTS, f"the pipe held all of {REQUESTS} errors: that proves nothing"
    flood(broker, 1)
    wait_until("a new error is in the journal", lambda: errors(broker) > told)
    wait_until_it_says(broker, "kafka.service", f"serving as broker {broker_id(broker)}")
    assert main_process(broker, "kafka.service") == launcher, "it was started anew"


def flood(machine: Machine, requests: int) -> None:
    """Sends what no broker understands."""
    host, _, port = listener(machine).rpartition(":")
    send = f'exec 3<>/dev/tcp/{host.strip("[]")}/{port}; printf "{UNKNOWN}" >&3; cat <&3 >/dev/null'
    machine.succeed(f"bash -c 'for i in $(seq {requests}); do {send}; done' 2>/dev/null")


def errors(machine: Machine) -> int:
    return machine.succeed(COUNT).count("Exception while processing request from")

"""What was acknowledged against what is there."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

# What the producer says of the record that it was about to send when it was told to end: it took none.
ENDED = ("Producer closed while send in progress", "Cannot perform operation after producer has been closed")


@dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    value: str


def consumed(text: str) -> list[Record]:
    """The records that the console consumer has printed, with partition and offset."""
    records = []
    for line in text.splitlines():
        fields = line.split("\t")
        place = dict(field.split(":", 1) for field in fields if field.startswith(("Partition:", "Offset:")))
        if len(place) == 2:
            records.append(Record(int(place["Partition"]), int(place["Offset"]), fields[-1]))
    return records


def refusals(lines: Iterable[str]) -> list[str]:
    """What the verifiable producer could not write, one JSON object a line. Where it was killed, its last line may be
    half a one."""
    found = [line for line in lines if '"producer_send_error"' in line and line.endswith("\n")]
    return [line for line in found if json.loads(line).get("message") not in ENDED]


def acknowledged_and_lost(acknowledged: list[Record], read: list[Record]) -> list[Record]:
    """Those that were promised and are not there."""
    found = set(read)
    return [record for record in acknowledged if record not in found]


def judge(acknowledged: list[Record], read: list[Record]) -> None:
    """Nothing acknowledged is missing, nothing is there twice, and the order is that of the writer."""
    assert acknowledged, "nothing was acknowledged, so that nothing can be lost"
    lost = acknowledged_and_lost(acknowledged, read)
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged records are lost: {lost[:3]}"
    values = [record.value for record in read]
    assert len(set(values)) == len(values), f"{len(values) - len(set(values))} records are there twice"
    partitions: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for record in read:
        partitions[record.partition].append((record.offset, int(record.value)))
    for partition, records in partitions.items():
        order = [value for _, value in sorted(records)]
        assert order == sorted(order), f"partition {partition} is out of order"

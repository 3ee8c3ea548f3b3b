"""systemd rates the sandbox of both units 1.1 or lower."""

from support.cluster import Machine

BOUND = 1.1


def scenario(kafka01: Machine, *_: Machine) -> None:
    kafka01.start()
    for unit in ("zookeeper.service", "kafka.service"):
        text = kafka01.succeed(f"systemd-analyze security --no-pager {unit}")
        line = next(line for line in text.splitlines() if "Overall exposure level" in line)
        score = float(line.split(":")[1].split()[0])
        kafka01.log(f"{unit} scores {score}")
        assert score <= BOUND, text

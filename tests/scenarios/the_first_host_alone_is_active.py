"""The host that is there first has active units that say what they wait for, and the cluster forms when the
others come."""

from support.cluster import Machine, wait_for_cluster, wait_until_it_says


def scenario(kafka01: Machine, kafka02: Machine, kafka03: Machine) -> None:
    kafka01.start()
    for unit in ("zookeeper.service", "kafka.service"):
        kafka01.wait_for_unit(unit, 60)
        line = wait_until_it_says(kafka01, unit, "waiting for the ensemble: 1 of 3 members answer", 30)
        kafka01.log(f"{unit}: {line}")
    kafka02.start()
    kafka03.start()
    wait_for_cluster([kafka01, kafka02, kafka03])

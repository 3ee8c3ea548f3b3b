"""Three hosts that boot together form an ensemble and a cluster: every server is active, knows who it is, and
listens at the address of the spec."""

from support.cluster import Machine, brokers_registered, leader, wait_for_cluster


def scenario(*machines: Machine) -> None:
    for machine in machines:
        machine.start()
    wait_for_cluster(list(machines))
    assert leader(list(machines))
    for number, machine in enumerate(machines, 1):
        for unit in ("zookeeper.service", "kafka.service"):
            machine.wait_for_unit(unit)
        assert machine.succeed("cat /data/zookeeper/data/myid").strip() == str(number)
        assert brokers_registered(machine) == [1, 2, 3]
        listeners_are_bound(machine, f"10.0.0.1{number}")
        assert machine.succeed("systemctl list-units --failed --no-legend") == "", "a unit has failed"


def listeners_are_bound(machine: Machine, address: str) -> None:
    lines = machine.succeed("ss --tcp --listening --numeric --no-header").splitlines()
    bound = {line.split()[3].replace("[::ffff:", "").replace("]", "") for line in lines}
    peers = {f"{address}:2888"} & bound
    wanted = {f"{address}:{port}" for port in (2181, 3888, 9092)}
    assert bound == wanted | peers, f"{machine.name} listens at {sorted(bound)}"

"""A change that restarts every server is rolled under load: no produce request fails, no partition is below its min
ISR, nothing acknowledged is lost, and a consumer reads all of it meanwhile. kafnix is killed in the middle and started
again, and goes on where it was; the controller has moved meanwhile, and its host is the last one all the same."""

from collections.abc import Sequence

from helpers.cluster import broker_id, brokers, chroot, controller, leader, processes, start_cluster, wait_until
from helpers.load import Load, Reader
from helpers.machine import Host, Machine
from helpers.switch import BUILD, Operator, system_of, wait_until_free

SWITCHES = True


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    wait_until_free(machines[0])
    systems = {machine.name: system_of(machine) for machine in machines}
    operator = Operator(machines[0], machines, systems)
    status, planned = machines[0].execute(f"kafnix rollout plan {BUILD} /etc/kafnix/cluster.json 2>&1")
    machines[0].log(planned)
    assert status == 1 and all(machine.name in planned for machine in machines), planned
    before = {machine.name: processes(machine) for machine in machines}
    leads, controls = leader(list(machines)).name, controlling(machines)
    load = Load(brokers(machines), settings="min.insync.replicas=2")
    reader = Reader(brokers(machines))

    operator.begin()
    assert operator.step(), "the rollout has asked for no host"
    assert operator.asked[0] not in (leads, controls), f"{operator.asked} comes first, which leads or controls"
    operator.kill()
    first = operator.asked[0]
    moved = move_controller(machines, first)
    operator.begin()
    operator.finish()
    assert operator.asked[-1] == moved, f"{operator.asked}: the controller was on {moved}"
    assert operator.asked.count(first) <= 2 and set(operator.asked) == set(before), operator.asked
    for machine in machines:
        after = processes(machine)
        assert not set(after.items()) & set(before[machine.name].items()), f"a server of {machine.name} did not restart"
    load.wait_for(1000)
    warned = machines[0].execute(f"grep -c NOT_ENOUGH_REPLICAS {load.out}.log")[1].strip()
    assert warned == "0", f"a partition was below its min ISR: {warned} times"
    load.finish()
    reader.finish(load.acknowledged())
    wait_until_free(machines[0])
    status, planned = machines[0].execute(f"kafnix rollout plan {BUILD} /etc/kafnix/cluster.json")
    assert status == 0, planned


def controlling(machines: Sequence[Machine]) -> str:
    """The host whose broker is controller."""
    ids = {broker_id(machine): machine.name for machine in brokers(machines)}
    return ids[controller(machines[0])]


def move_controller(machines: Sequence[Machine], but: str) -> str:
    """Gives the brokers another controller, on another host than it was and than `but`: that host."""
    before = controlling(machines)
    path = f"{chroot(machines[0]).rstrip('/')}/controller"

    def moved() -> str:
        machines[0].execute(f"zkCli.sh delete {path}")
        wait_until("the brokers have a controller", lambda: zk_has(machines[0], path))
        now = controlling(machines)
        return now if now not in (before, but) else ""

    return wait_until("the controller has moved", moved)


def zk_has(machine: Machine, path: str) -> bool:
    return machine.execute(f"zkCli.sh get {path} 2>/dev/null | grep -q brokerid")[0] == 0

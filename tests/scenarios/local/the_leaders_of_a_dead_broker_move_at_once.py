"""The partitions of a broker whose JVM is killed or aborts have new leaders, and it serves again, long before its
session times out: the launcher ends that session, also where the broker is controller. It touches no registration of
another session, as that of a broker with the same id elsewhere is."""

import re
import signal

from harness.local.cluster import Cluster
from harness.local.waiting import wait
from helpers.cluster import ENDED, broker_id, chroot, client_address, controller, zk
from helpers.load import begin, stop, topics
from helpers.machine import Machine

# Longer than any wait of a scenario, in milliseconds.
SESSION = 3_600_000


def scenario(cluster: Cluster) -> None:
    cluster.spec["zookeeper"].setdefault("settings", {})["maxSessionTimeout"] = SESSION
    cluster.spec["kafka"].setdefault("settings", {})["zookeeper.session.timeout.ms"] = SESSION
    cluster.local("up")
    ids = {broker_id(machine): machine for machine in cluster.machines}
    controls = ids[controller(cluster.machines[0])]
    plain = next(machine for machine in ids.values() if machine is not controls)
    for machine, number in ((plain, signal.SIGKILL), (plain, signal.SIGABRT), (controls, signal.SIGKILL)):
        dies_and_comes_back(cluster, machine, number, of_controller=machine is controls)
        wait("the cluster is whole again", lambda: not cluster.failed_checks())
        cluster.kafnix_run("apply", "--local")  # it leads again
    another_has_its_id(cluster, plain)


def dies_and_comes_back(cluster: Cluster, machine: Machine, number: int, of_controller: bool) -> None:
    witness = next(other for other in cluster.machines if other is not machine)

    def leads() -> bool:
        return str(broker_id(machine)) in re.findall(r"Leader: (\w+)", topics(witness, "--describe"))

    def ended() -> list[str]:
        return [line for line in cluster.log(machine.name, "kafka").splitlines() if ENDED in line]

    wait(f"{machine.name} leads a partition", leads)
    before = len(ended())
    cluster.kill(machine.name, "kafka", number)
    cluster.wait_ended(machine.name, "kafka")
    wait(f"no partition is led by {machine.name}", lambda: not leads())
    [said] = ended()[before:]
    assert ("/controller" in said) == of_controller, said
    cluster.local("start", machine.name, "--role", "kafka")
    cluster.wait_serving(machine.name, "kafka")


def another_has_its_id(cluster: Cluster, machine: Machine) -> None:
    """While the broker is suspended its registration goes, and another one comes."""
    node = f"{chroot(machine)}/brokers/ids/{broker_id(machine)}"
    cluster.kill(machine.name, "kafka", signal.SIGSTOP)
    zk(machine, f"delete {node}")
    shell = f"zkCli.sh -server {client_address(machine)}"
    begin(machine, "other", f"sh -c '(echo create -e {node} other; sleep 600) | {shell}'", "/dev/null")
    wait("the other one is registered", lambda: "other" in zk(machine, f"get {node}"))
    cluster.kill(machine.name, "kafka")
    cluster.wait_ended(machine.name, "kafka")
    assert "other" in zk(machine, f"get {node}"), "the registration of another broker was removed"
    stop(machine, "other")

"""A rollout stops at a host that does not come back, with a sentence that names it and says how to go on; when the host
is there again, the same command finishes. A rollout that restarts takes the turn for each host, and reboots where it is
to; it waits while a broker of another host is down."""

import time

from helpers.cluster import brokers, processes, start_cluster, wait_for_cluster
from helpers.machine import Host
from helpers.switch import Operator, system_of, turn, wait_until_free

SWITCHES = True
LONG = True


def scenario(*machines: Host) -> None:
    start_cluster(machines)
    first = machines[0]
    wait_until_free(first)
    operator = Operator(first, machines, {machine.name: system_of(machine) for machine in machines})
    operator.begin(more="--host kafka02 --patience 20")
    name, _ = operator.next()
    lost = operator.hosts[name]
    lost.crash()
    operator.answer(name, 0)
    said = operator.finish(status=2)
    assert f"the rollout has stopped at `{name}`" in said and "nothing has changed for 20 s" in said, said
    lost.start()
    wait_for_cluster(list(machines))
    operator.begin(more="--host kafka02")
    assert "switched: kafka02" in operator.finish(), operator.asked
    wait_until_free(first)

    # As long as a broker is down no other restarts.
    last = brokers(machines)[-1]
    last.succeed("systemctl stop kafka")
    operator.begin("restart", "--host kafka02")
    time.sleep(5)
    # It asks how the units of a host are that it waits for, and nothing else.
    asked = first.execute(f"cat {Operator.FOLDER}/asked")[1]
    assert asked.startswith("kafka03 systemctl show ") or not asked, f"{asked}, while another broker is down"
    before = processes(lost)
    last.succeed("systemctl start kafka")
    operator.finish()
    assert not set(before.items()) & set(processes(lost).items()), "a server of kafka02 did not restart"
    assert turn(first) == ""

    boot = lost.succeed("cat /proc/sys/kernel/random/boot_id /proc/1/stat")
    operator.begin("restart", "--reboot --host kafka02")
    assert "restarted: kafka02" in operator.finish()
    assert lost.succeed("cat /proc/sys/kernel/random/boot_id /proc/1/stat") != boot, "kafka02 was not rebooted"
    wait_until_free(first)

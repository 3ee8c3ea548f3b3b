"""A broker that is killed with -9 under load comes back at once: one start is enough, and nothing that was
acknowledged is lost."""

from helpers.cluster import brokers, come_back, kill_java, main_process, start_cluster, wait_until_it_says
from helpers.load import Load
from helpers.machine import Machine


def scenario(*machines: Machine) -> None:
    start_cluster(machines)
    load = Load(brokers(machines))
    broker = brokers(machines)[1]
    before = main_process(broker, "kafka.service")
    kill_java(broker, "kafka.service")
    started = come_back(broker, "kafka.service", before)
    wait_until_it_says(broker, "kafka.service", "serving as broker")
    assert main_process(broker, "kafka.service") == started, "it took more than one start"
    load.wait_for(2000)
    load.finish()

"""ZooKeeper's exporter, which the release has, serves the metrics of each server at the port of its settings; a class
name with a slip in it, and settings of an exporter that is not chosen, are told before anything starts."""

import urllib.request

from harness.local.cluster import Cluster

EXPORTER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"


def scenario(cluster: Cluster) -> None:
    # Three of one machine could not all bind the same port of every address.
    ports = {host: 7001 + number for number, host in enumerate(cluster.hosts)}
    zookeeper = cluster.spec.setdefault("zookeeper", {})
    zookeeper["hosts"] = {host: {"settings": {"metricsProvider.httpPort": port}} for host, port in ports.items()}
    done = cluster.kafnix_run("check")
    assert (done.stdout + done.stderr).count("warning[K430]") == len(ports), done
    settings = zookeeper.setdefault("settings", {})
    settings["metricsProvider.className"] = EXPORTER.replace("prometheus.", "")
    done = cluster.local("up", ok=False)
    assert done.returncode == 1 and "K428" in done.stderr and f"write `{EXPORTER}`" in done.stderr, done

    settings["metricsProvider.className"] = EXPORTER
    cluster.local("up")
    cluster.all_good()
    for host, port in ports.items():
        # on this machine alone, without a proxy of the environment
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            text = answer.read().decode()
        assert "\nznode_count " in text and "\nquorum_size 3.0" in text, f"{host}: {text[:500]}"

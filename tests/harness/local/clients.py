"""Programs of the products that have no script on a host."""

import subprocess

from .. import tools
from .cluster import Cluster
from .waiting import PATIENCE


def java(cluster: Cluster, product: str, main: str, *arguments: str) -> list[str]:
    home = cluster.java_home
    jars = cluster.release(product) / ("lib" if product == "zookeeper" else "libs")
    program = str(home / "bin" / "java") if home else "java"
    return [program, *tools.FLAGS.split(), "-cp", f"{jars}/*", main, *arguments]


def run(command: list[str], within: float = PATIENCE) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[-6:]} ended with {done.returncode}:\n{done.stdout}{done.stderr[-3000:]}")
    return done.stdout


def bootstrap(cluster: Cluster) -> str:
    return ",".join(f"{broker.address}:9092" for broker in cluster.role("kafka"))

"""A class that only a jar of the spec has is loaded by every broker, from behind the release's own jars, and the
class-data archive of the release still fits; without the jar `kafnix check` warns, and nothing is started. The build's
check of a configuration finds the class with the jar and refuses it without."""

import subprocess
import zipfile
from pathlib import Path

from harness.local.cluster import ROOT, Cluster
from harness.results import Skipped

JAR = "jars/reporter.jar"
REPORTER = """package com.example;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.metrics.*;
public class FileReporter implements MetricsReporter {
    private Path file;
    public void configure(Map<String, ?> configs) {
        file = Paths.get((String) configs.get("com.example.folder"), String.valueOf(configs.get("broker.id")));
    }
    public void init(List<KafkaMetric> metrics) {
        try {
            Files.write(file, Collections.singletonList(getClass().getName()));
        } catch (java.io.IOException failed) {
            throw new IllegalStateException(failed);
        }
    }
    public void metricChange(KafkaMetric metric) { }
    public void metricRemoval(KafkaMetric metric) { }
    public void close() { }
}
"""
POLICY = """package com.example;
import java.util.Map;
public class AnyTopic implements org.apache.kafka.server.policy.CreateTopicPolicy {
    public void configure(Map<String, ?> configs) { }
    public void validate(RequestMetadata topic) { }
    public void close() { }
}
"""


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    reported = cluster.folder / "reported"
    reported.mkdir()
    cluster.spec["kafka"].setdefault("settings", {}).update(
        {
            "metric.reporters": ["org.apache.kafka.common.metrics.JmxReporter", "com.example.FileReporter"],
            # which the broker looks for when it reads its configuration, before it is a broker
            "create.topic.policy.class.name": "com.example.AnyTopic",
            "com.example.folder": str(reported),
        }
    )
    assert said(cluster).count("warning[K429]") == 2, said(cluster)
    cluster.spec["kafka"]["extraJars"] = [JAR]
    done = cluster.local("up", ok=False)
    assert done.returncode == 2 and "nothing was started" in done.stderr and JAR in done.stderr, done

    jar = build(cluster)
    assert "K429" not in said(cluster), said(cluster)
    cluster.local("up")
    cluster.all_good()
    for host in cluster.hosts:
        broker = cluster.server(host, "kafka")
        assert (reported / str(broker.id)).read_text() == "com.example.FileReporter\n", host
        words = Path(f"/proc/{broker.java}/cmdline").read_text().split("\0")
        path = words[words.index("-cp") + 1].split(":")
        assert path[-1] == str(jar), path
        # the archive is mapped, which a JVM does only where its class path fits
        assert "/classes.jsa" in Path(f"/proc/{broker.java}/maps").read_text(), host

    status, refused = check(cluster, [])
    assert status == 1 and "com.example.AnyTopic" in refused, refused
    status, refused = check(cluster, [jar])
    assert status == 0, refused


def said(cluster: Cluster) -> str:
    done = cluster.kafnix_run("check")
    return done.stdout + done.stderr


def build(cluster: Cluster) -> Path:
    """The jar, compiled against the release."""
    sources = cluster.folder / "com/example"
    sources.mkdir(parents=True)
    (sources / "FileReporter.java").write_text(REPORTER)
    (sources / "AnyTopic.java").write_text(POLICY)
    compile_java(cluster.folder / "built", *sources.glob("*.java"), path=f"{libs(cluster)}/*")
    jar = cluster.folder / JAR
    jar.parent.mkdir()
    with zipfile.ZipFile(jar, "w") as archive:
        for name in ("FileReporter", "AnyTopic"):
            archive.write(cluster.folder / f"built/com/example/{name}.class", f"com/example/{name}.class")
    return jar


def libs(cluster: Cluster) -> Path:
    return cluster.release("kafka") / "libs"


def compile_java(out: Path, *sources: Path, path: str = "") -> None:
    command = ["javac", "--release", "8", "-cp", path, "-d", out, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skipped(f"there is no compiler for it: {done.stderr[-300:]}")


def check(cluster: Cluster, jars: list[Path]) -> tuple[int, str]:
    """What the build's check of a running broker's configuration ends with, and says, with these jars."""
    classes = cluster.folder / "check"
    compile_java(classes, ROOT / "nixos-modules/packages/config-check/ConfigCheck.java")
    path = ":".join(map(str, [f"{libs(cluster)}/*", *jars, classes]))
    file = cluster.state / cluster.hosts[0] / "kafka/server.properties"
    done = subprocess.run(
        ["java", "-Xmx256m", "-cp", path, "ConfigCheck", "kafka", file], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr

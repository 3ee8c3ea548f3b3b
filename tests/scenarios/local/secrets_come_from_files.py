"""A broker takes secrets and other values from files that only its host has, `verify` finds it as the spec says, and
nothing that kafnix or the servers write has a secret in it. Without the file nothing is started, and a sentence says
which one is missing."""

import shutil

from harness.local.cluster import Cluster
from helpers.cluster import bootstrap

SECRET = "hunter2-of-the-encoder"
OWN = "org.apache.kafka.common.config.provider."


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    secrets = cluster.folder / "secrets"
    cluster.spec["kafka"]["settings"] |= {
        "config.providers": ["file", "directory"],
        "config.providers.file.class": f"{OWN}FileConfigProvider",
        "config.providers.directory.class": f"{OWN}DirectoryConfigProvider",
        "password.encoder.secret": f"${{directory:{secrets}:encoder}}",
        "num.io.threads": f"${{file:{secrets}/kafka.properties:threads}}",
    }
    for missing in ["encoder", "kafka.properties", "threads"]:
        shutil.rmtree(secrets, ignore_errors=True)
        secrets.mkdir()
        if missing != "encoder":
            (secrets / "encoder").write_text(SECRET)
        if missing != "kafka.properties":
            (secrets / "kafka.properties").write_text("" if missing == "threads" else "threads=5\n")
        done = cluster.local("up", ok=False)
        assert done.returncode == 2 and "nothing was started" in done.stderr, done
        assert missing in done.stderr and str(secrets) in done.stderr, done.stderr
        assert not cluster.state.exists(), "something was made"

    (secrets / "kafka.properties").write_text("threads=5\n")
    cluster.local("up")
    assert all(server.phase == "serving" for server in cluster.servers()), cluster.servers()
    cluster.all_good()
    described = describe(cluster)
    assert "num.io.threads=5 " in described, described
    assert "password.encoder.secret=null" in described, described

    # A secret that goes into ZooKeeper is encoded with the one of the file: the broker has it.
    change = "listener.name.plaintext.ssl.key.password=of-a-key"
    configs(cluster, "--alter", "--entity-name", "1", "--add-config", change)
    assert "listener.name.plaintext.ssl.key.password" in describe(cluster)

    for path in [*cluster.folder.rglob("*.log"), *cluster.state.rglob("*.properties"), cluster.folder / "cluster.json"]:
        assert SECRET not in path.read_text(errors="replace"), path
    for words in [("show", "files"), ("show", "cluster"), ("local", "show"), ("verify", "--local")]:
        said = cluster.kafnix_run(*words, ok=False)
        assert SECRET not in said.stdout + said.stderr, words

    # in the text of the spec it is refused, and not told again
    cluster.spec["kafka"]["settings"]["password.encoder.secret"] = SECRET
    done = cluster.local("up", ok=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0 and "K424" in said and SECRET not in said, said


def configs(cluster: Cluster, *words: str) -> str:
    servers = f"--bootstrap-server {bootstrap(cluster.machines)}"
    return cluster.machines[0].succeed(f"kafka-configs.sh {servers} --entity-type brokers {' '.join(words)}")


def describe(cluster: Cluster) -> str:
    return configs(cluster, "--describe", "--entity-name", "1", "--all")

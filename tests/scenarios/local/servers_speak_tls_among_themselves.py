"""ZooKeeper servers whose settings give them stores speak TLS among themselves and form an ensemble, with the passwords
in files; without the stores `kafnix` refuses the setting, and without the files it starts nothing. Their port for
clients with TLS is bound to each server's own address, as the plain one is."""

import socket
import subprocess

from harness.local.cluster import Cluster
from harness.results import Skipped

SECURE = 2281


def scenario(cluster: Cluster) -> None:
    secrets = cluster.folder / "secrets"
    settings = cluster.spec.setdefault("zookeeper", {}).setdefault("settings", {})
    settings["sslQuorum"] = True
    done = cluster.local("up", ok=False)
    assert done.returncode == 1 and "K423" in done.stdout + done.stderr, done

    for store in ["keyStore", "trustStore"]:
        for of in ["ssl.quorum", "ssl"]:
            settings[f"{of}.{store}.location"] = str(secrets / "store.p12")
            settings[f"{of}.{store}.passwordPath"] = str(secrets / "password")
    settings["secureClientPort"] = SECURE
    settings["serverCnxnFactory"] = "org.apache.zookeeper.server.NettyServerCnxnFactory"
    done = cluster.local("up", ok=False)
    assert done.returncode == 2 and "nothing was started" in done.stderr, done
    assert "store.p12" in done.stderr and str(secrets / "password") in done.stderr, done.stderr

    secrets.mkdir()
    (secrets / "password").write_text("of-the-store")
    # one certificate for all, with the addresses that the hosts have here
    names = ",".join(f"ip:127.0.0.{2 + host}" for host in range(len(cluster.hosts)))
    options = ["-alias", "zookeeper", "-dname", "CN=zookeeper", "-keyalg", "RSA", "-ext", f"san={names}"]
    stored = ["-keystore", secrets / "own.p12", "-storetype", "PKCS12", "-storepass", "of-the-store"]
    keytool("-genkeypair", *options, *stored)
    keytool("-exportcert", "-alias", "zookeeper", "-file", secrets / "certificate", *stored)
    keytool("-importcert", "-noprompt", "-alias", "trusted", "-file", secrets / "certificate", *stored)
    (secrets / "own.p12").rename(secrets / "store.p12")

    cluster.local("up")
    cluster.all_good()
    for server in cluster.servers():
        if server.role == "zookeeper":
            # Three of one machine could not all bind every address.
            socket.create_connection((server.address, SECURE), timeout=60).close()
    for host in cluster.hosts:
        assert "Using TLS encrypted quorum communication" in cluster.log(host, "zookeeper"), host


def keytool(*words: object) -> None:
    try:
        subprocess.run(["keytool", *map(str, words)], check=True, capture_output=True)
    except FileNotFoundError as reason:
        raise Skipped("there is no keytool to make a certificate with") from reason

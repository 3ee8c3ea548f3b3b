"""ZooKeeper servers whose settings give them stores speak TLS among themselves and form an ensemble, with the passwords
in files; without the stores `kafnix` refuses the setting, and without the files it starts nothing."""

import subprocess

from harness.local.cluster import Cluster
from harness.results import Skipped


def scenario(cluster: Cluster) -> None:
    secrets = cluster.folder / "secrets"
    settings = cluster.spec.setdefault("zookeeper", {}).setdefault("settings", {})
    settings["sslQuorum"] = True
    done = cluster.local("up", ok=False)
    assert done.returncode == 1 and "K423" in done.stdout + done.stderr, done

    for store in ["keyStore", "trustStore"]:
        settings[f"ssl.quorum.{store}.location"] = str(secrets / "store.p12")
        settings[f"ssl.quorum.{store}.passwordPath"] = str(secrets / "password")
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
    for host in cluster.hosts:
        assert "Using TLS encrypted quorum communication" in cluster.log(host, "zookeeper"), host


def keytool(*words: object) -> None:
    try:
        subprocess.run(["keytool", *map(str, words)], check=True, capture_output=True)
    except FileNotFoundError as reason:
        raise Skipped("there is no keytool to make a certificate with") from reason

"""Brokers speak TLS among themselves and to clients, each with a certificate: every check of `verify` is good through
it, records go through every broker, and whoever has no certificate, or one of another authority, gets nowhere."""

import json
import socket
import ssl
import subprocess
from pathlib import Path

from harness.local.cluster import Cluster
from harness.machine import ROOT

BETWEEN, CLIENTS = 9093, 9094
# The first request of Kafka's protocol, ApiVersions in version 0.
REQUEST = bytes.fromhex("0000000d001200000000000100036b6678")


def scenario(cluster: Cluster) -> None:
    cluster.spec = json.loads((ROOT / "tests/specs/secure/cluster.json").read_text())
    cluster.local("up")
    cluster.all_good()

    folder = cluster.state
    authority = folder / "kafka01" / "tls" / "truststore.pem"
    own = folder / "kafka02" / "tls" / "keystore.pem"
    assert own.stat().st_mode & 0o077 == 0, oct(own.stat().st_mode)
    other = stranger(cluster.folder / "stranger.pem")
    for broker in cluster.role("kafka"):
        for port in (BETWEEN, CLIENTS):
            place = (broker.address, port)
            assert answers(place, own, authority), f"{place} does not take a certificate of the cluster"
            assert not answers(place, None, authority), f"{place} takes whoever has no certificate"
            assert not answers(place, other, authority), f"{place} takes a certificate of another authority"
            assert not answers(place, None, None), f"{place} speaks plaintext"
    keys = own.read_text().split("-----END PRIVATE KEY-----")[0].splitlines()[1:]
    for file in folder.rglob("*"):
        if file.is_file() and file.parent.name not in ("tls", "authority"):
            assert keys[0].encode() not in file.read_bytes(), f"{file} holds a private key"


def answers(place: tuple[str, int], certificate: Path | None, authority: Path | None) -> bool:
    """Whether the broker answers a request."""
    try:
        with socket.create_connection(place, timeout=60) as connection:
            stream: socket.socket = connection
            if authority:
                context = ssl.create_default_context(cafile=authority)
                if certificate:
                    context.load_cert_chain(certificate)
                stream = context.wrap_socket(connection, server_hostname=place[0])
            stream.sendall(REQUEST)
            # length, and the number of the request
            return stream.recv(8)[4:] == REQUEST[8:12]
    except (ssl.SSLError, ConnectionError):
        return False


def stranger(path: Path) -> Path:
    """A certificate that no authority of the cluster has issued."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /O=secure/CN=kafka"
    subprocess.run([*command.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path

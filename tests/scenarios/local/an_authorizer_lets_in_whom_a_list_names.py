"""A list of super users reaches the brokers as that list: with an authorizer the brokers, who are all ANONYMOUS, and
their clients are let in, and what the list does not have to say is theirs."""

from harness.local.cluster import Cluster
from helpers.cluster import bootstrap


def scenario(cluster: Cluster) -> None:
    cluster.keep_one_host()
    cluster.spec["kafka"]["settings"] |= {
        "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
        "super.users": ["User:CN=kafka,O=example", "User:ANONYMOUS"],
    }
    cluster.local("up")
    assert all(server.phase == "serving" for server in cluster.servers()), cluster.servers()
    cluster.all_good()
    listed = cluster.machines[0].succeed(f"kafka-acls.sh --bootstrap-server {bootstrap(cluster.machines)} --list 2>&1")
    assert "Exception" not in listed, listed

    # what `kafnix` refuses: without one of them no broker lets another in
    cluster.spec["kafka"]["settings"]["super.users"] = ["User:CN=kafka,O=example"]
    done = cluster.local("up", ok=False)
    assert done.returncode == 1 and "K324" in done.stdout + done.stderr, done

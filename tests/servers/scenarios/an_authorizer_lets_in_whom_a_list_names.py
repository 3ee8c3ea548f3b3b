"""A list of super users reaches the brokers as that list: with an authorizer the brokers, who are all ANONYMOUS, and
their clients are let in, and what the list does not have to say is theirs."""

from support.clients import bootstrap, java, run
from support.cluster import Cluster


def scenario(cluster: Cluster) -> None:
    cluster.spec["kafka"]["settings"] |= {
        "authorizer.class.name": "kafka.security.authorizer.AclAuthorizer",
        "super.users": ["User:CN=kafka,O=example", "User:ANONYMOUS"],
    }
    cluster.local("up")
    assert all(server.phase == "serving" for server in cluster.servers()), cluster.servers()
    cluster.all_good()
    servers = ["--bootstrap-server", bootstrap(cluster)]
    listed = run(java(cluster, "kafka", "kafka.admin.AclCommand", *servers, "--list"))
    assert "Exception" not in listed, listed

    # what `kafnix` refuses: without one of them no broker lets another in
    cluster.spec["kafka"]["settings"]["super.users"] = ["User:CN=kafka,O=example"]
    done = cluster.local("up", ok=False)
    assert done.returncode == 1 and "K324" in done.stdout + done.stderr, done

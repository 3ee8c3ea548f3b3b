"""A host of the cluster that speaks as somebody else."""

from .machine import Machine


def become_a_stranger(machine: Machine, address: str, target: str) -> None:
    """From now on it speaks to the target from another address of the same network, as a host of its own would."""
    route = machine.succeed(f"ip -oneline route get {target}").split()
    card = route[route.index("dev") + 1]
    machine.succeed(
        f"ip address add {address}/24 dev {card}",
        f"ip route replace {target}/32 dev {card} src {address}",
        f"ip -oneline route get {target} | grep -F 'src {address}'",
    )


# How a try ends: somebody listens, nobody does, or no answer comes.
OPEN, REFUSED, SILENT = 0, 1, 124


def tried(machine: Machine, address: str, port: int) -> int:
    """How a try to connect ends. It is long enough for an answer on a machine that does much else."""
    status = machine.execute(f"timeout 5 bash -c '</dev/tcp/{address}/{port}' 2>/dev/null")[0]
    assert status in (OPEN, REFUSED, SILENT), f"the try of {address} port {port} ended with {status}"
    return status

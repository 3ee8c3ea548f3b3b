"""A host behind its firewall, and the world around it that tries its ports, each in a network namespace
that ends with its process. The world is the first process of a process namespace, so that nothing outlives
it; the host is its child."""

import asyncio
import json
import resource
import socket
import subprocess
import sys
from typing import Any

from .matrix import Try

# The first is long enough for every handshake on an idle machine; who should get through and did not is
# given the second.
PATIENCE = 1.0
MORE_PATIENCE = 60.0
# The two ends of the wire. Nobody has to ask for them: what waits for an answer is dropped when it is many.
WORLD, HOST = "02:00:00:00:00:01", "02:00:00:00:00:02"


def world() -> None:
    """Reads a case, and prints those of its tries that got through."""
    case: dict[str, Any] = json.load(sys.stdin)
    tries, expected = [Try(*one) for one in case["tries"]], {Try(*one) for one in case["expected"]}
    prepare()
    host = subprocess.Popen(
        ["unshare", "--net", sys.executable, "-B", "-m", "harness.firewall.network", "guarded"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert host.stdin and host.stdout
    hear(host.stdout, "alone")
    ip([f"link add world address {WORLD} type veth peer name host address {HOST} netns {host.pid}"])
    print(json.dumps(case), file=host.stdin, flush=True)
    join("world", sources(tries), case["addresses"], HOST)
    hear(host.stdout, "listening")
    print(json.dumps(asyncio.run(reached(tries, expected))))


def hear(stream: Any, word: str) -> None:
    said = stream.readline().strip()
    if said != word:
        raise SystemExit(f"the host is not {word}: {said or 'it ended'}")


def guarded() -> None:
    """The host: loads its ruleset, and listens on every port that is tried."""
    prepare()
    print("alone", flush=True)
    case: dict[str, Any] = json.loads(sys.stdin.readline())
    tries = [Try(*one) for one in case["tries"]]
    join("host", case["addresses"], sources(tries), WORLD)
    for mode in (["--check"], []):
        subprocess.run(["nft", *mode, "--file", "-"], input=case["ruleset"], text=True, check=True)
    asyncio.run(listen(sorted({one.port for one in tries})))


def prepare() -> None:
    ip(["link set lo up"])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def ip(commands: list[str]) -> None:
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)


def sources(tries: list[Try]) -> list[str]:
    return sorted({one.source for one in tries})


def join(wire: str, own: list[str], others: list[str], their_end: str) -> None:
    """Owns addresses at this end of the wire, and finds the others at the other one."""
    commands = [f"link set {wire} up"]
    # An address of IPv6 is else of no use until the kernel has looked whether nobody else owns it.
    commands += [
        f"address add {address}/128 dev {wire} nodad" if ":" in address else f"address add {address}/32 dev {wire}"
        for address in own
    ]
    commands += [f"route add {network} dev {wire}" for network in ("0.0.0.0/0", "::/0")]
    commands += [f"neighbour replace {other} lladdr {their_end} dev {wire} nud permanent" for other in others]
    ip(commands)


async def listen(ports: list[int]) -> None:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    for port in ports:
        both = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024)
        await asyncio.start_server(close, sock=both)
    print("listening", flush=True)
    await asyncio.Event().wait()


async def reached(tries: list[Try], expected: set[Try]) -> list[Try]:
    through = await all_of(tries, PATIENCE)
    late = sorted(expected - set(through))
    return through + await all_of(late, MORE_PATIENCE)


async def all_of(tries: list[Try], patience: float) -> list[Try]:
    answers = await asyncio.gather(*(connects(this, patience) for this in tries))
    return [this for this, answer in zip(tries, answers, strict=True) if answer]


async def connects(this: Try, patience: float) -> bool:
    family = socket.AF_INET6 if ":" in this.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.setblocking(False)
        client.bind((this.source, 0))
        connecting = asyncio.get_running_loop().sock_connect(client, (this.address, this.port))
        try:
            await asyncio.wait_for(connecting, patience)
        except TimeoutError:
            return connected(client)
        except OSError:
            return False
        return True


def connected(client: socket.socket) -> bool:
    """What the kernel says. It is faster than a loop that does not get the processor."""
    try:
        client.getpeername()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    {"world": world, "guarded": guarded}[sys.argv[1]]()

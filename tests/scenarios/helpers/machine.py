"""The methods that a scenario may use of a machine: those that the hosts of the harness and those of the NixOS
test driver have alike."""

from typing import Protocol


class Machine(Protocol):
    """What a container has, too: it is booted once, and ends with the test."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Boots it, where it is off; the next command waits until it takes one."""

    def execute(self, command: str) -> tuple[int, str]:
        """The status of a shell command and what it prints."""

    def succeed(self, *commands: str) -> str: ...

    def fail(self, *commands: str) -> str: ...

    def wait_for_unit(self, unit: str, *, timeout: int = 900) -> None:
        """Until it is active; an error where it has failed."""

    def get_unit_info(self, unit: str) -> dict[str, str]: ...

    def copy_from_host(self, source: str, target: str) -> None:
        """Copies from the machine that runs the tests."""

    def log(self, msg: str) -> None: ...


def prefix(machine: Machine) -> str:
    """Below which the machine has its files: nothing, but for a host of a cluster on the machine of the tests."""
    return str(getattr(machine, "prefix", ""))


class Host(Machine, Protocol):
    """What has power and a network cable of its own. A scenario that takes it says what it `NEEDS`."""

    def shutdown(self) -> None:
        """Asks it to power off and waits until it has."""

    def crash(self) -> None:
        """Ends it from one moment to the next."""

    def block(self) -> None:
        """Pulls its cable."""

    def unblock(self) -> None: ...

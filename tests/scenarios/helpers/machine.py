"""The methods that a scenario may use of a host: those that the machines of tests/hosts and the machines of the
NixOS test driver have alike."""

from typing import Protocol


class Machine(Protocol):
    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Boots it, where it is off; the next command waits until it takes one."""

    def shutdown(self) -> None:
        """Asks it to power off and waits until it has."""

    def crash(self) -> None:
        """Ends it from one moment to the next."""

    def block(self) -> None:
        """Pulls its cable."""

    def unblock(self) -> None: ...

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

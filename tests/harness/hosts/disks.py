"""A data disk: an XFS image on a loop device. The device goes away with the last process that has it open,
however that ends."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SIZE = "1G"


@dataclass
class Disk:
    label: str
    image: Path
    device: str = ""
    held: int = field(default=-1, repr=False)

    def format(self) -> None:
        """A new disk, with an empty file system."""
        self.image.unlink(missing_ok=True)
        subprocess.run(["truncate", "-s", SIZE, self.image], check=True)
        subprocess.run(["mkfs.xfs", "-q", "-L", self.label, self.image], check=True)

    def attach(self) -> None:
        found = subprocess.run(["losetup", "--find", "--show", self.image], check=True, capture_output=True, text=True)
        self.device = found.stdout.strip()
        self.held = os.open(self.device, os.O_RDONLY | os.O_CLOEXEC)
        # from now on it is gone when it is closed
        subprocess.run(["losetup", "--detach", self.device], check=True)

    def detach(self) -> None:
        if self.device:
            os.close(self.held)
            self.device, self.held = "", -1

    def keep(self) -> None:
        """Copies what has been forced to the disk until now, and nothing that is on the way to it."""
        subprocess.run(["cp", "--reflink=always", self.image, self.kept], check=True)

    def fall_back(self) -> None:
        """Makes the disk what it was when it was kept."""
        self.detach()
        self.kept.replace(self.image)
        self.attach()

    @property
    def kept(self) -> Path:
        return self.image.with_suffix(".kept")

    @property
    def kernel_name(self) -> str:
        return self.device.removeprefix("/dev/")

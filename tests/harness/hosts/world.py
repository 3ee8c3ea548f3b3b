"""All hosts of one document, and the network between them, in namespaces that the caller has made."""

import subprocess
from pathlib import Path
from typing import Any

from . import cgroups, install
from .cable import Cable
from .disks import Disk
from .machine import Machine


class World:
    def __init__(self, folder: Path, tree: Path, document: dict[str, Any], cache: Path, launcher: Path):
        self.folder = folder
        run("mount", "--make-rprivate", "/")
        Path("/run/netns").mkdir(exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "between", "type", "bridge")
        run("ip", "link", "set", "between", "up")
        self.images = self.shelf()
        cgroups.make(folder.name, list(document))
        self.machines = {
            name: self.machine(number, name, host, tree, cache, launcher)
            for number, (name, host) in enumerate(sorted(document.items()))
        }

    def machine(self, number: int, name: str, host: dict[str, Any], tree: Path, cache: Path, launcher: Path) -> Machine:
        root = self.root(name, tree)
        binds = install.install(root, host, cache, launcher)
        cable = self.cable(number, name, host)
        labels = [line.split()[0].removeprefix("/dev/disk/by-label/") for line in host["fstab"]]
        disks = [Disk(label, self.images / f"{name}.{label}.xfs") for label in labels]
        for disk in disks:
            disk.format()
        return Machine(name, self.folder, root, disks, binds, cable)

    def shelf(self) -> Path:
        """Where the images of the disks lie: a file system that can copy one in a moment."""
        image, images = self.folder / "shelf.xfs", self.folder / "disks"
        images.mkdir()
        run("truncate", "-s", "32G", str(image))
        run("mkfs.xfs", "-q", "-m", "reflink=1", str(image))
        run("mount", "-o", "loop", str(image), str(images))
        return images

    def root(self, name: str, tree: Path) -> Path:
        """A copy of the tree that only what is written to it takes room for."""
        upper, work, root = (self.folder / f"{name}.{part}" for part in ("upper", "work", "root"))
        for folder in (upper, work, root):
            folder.mkdir()
        options = f"lowerdir={tree},upperdir={upper},workdir={work},redirect_dir=on"
        run("mount", "-t", "overlay", "overlay", "-o", options, str(root))
        return root

    def cable(self, number: int, name: str, host: dict[str, Any]) -> Cable:
        """From the host's network card, as its configuration calls it, to the bridge."""
        cable = Cable(f"to-{number}", name, host["card"])
        run("ip", "netns", "add", name)
        run("ip", "link", "add", cable.end, "type", "veth", "peer", "name", cable.card, "netns", name)
        run("ip", "link", "set", cable.end, "master", "between", "up")
        if f"network-addresses-{cable.card}.service" not in host["units"]:
            cable.give(host["addresses"])
        return cable

    def plug_all(self) -> None:
        for machine in self.machines.values():
            for label in machine.disks:
                machine.plug(label)

    def tell(self) -> None:
        """What is to be known of a host where a test has failed."""
        for machine in self.machines.values():
            if machine.container and machine.find_init():
                for unit in ("zookeeper", "kafka"):
                    machine.log(machine.status(unit))
                    said = f"journalctl --boot --unit={unit} --output=cat | grep -e ERROR -e Exception | tail -n 20"
                    machine.log(machine.execute(said)[1])
            elif machine.boots:
                machine.log(machine.console())

    def end(self) -> None:
        for machine in self.machines.values():
            machine.crash()
            for disk in machine.disks.values():
                disk.detach()
        for machine in self.machines.values():
            run("umount", "--lazy", str(machine.root))
        run("umount", "--lazy", str(self.images))


def run(*command: str) -> None:
    subprocess.run(command, check=True)

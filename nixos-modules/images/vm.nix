# A host as a VM to try, on NixOS's own qemu-vm.nix: an empty disk for each of its data disks, its
# addresses on a network that all VMs of the cluster on this machine share, and memory for a laptop.
# A root shell on the console, and nothing that reaches out of the VM but by QEMU's user network.
{ dataDisks }:
{ config, lib, ... }:
let
  inherit (config.services.kafnix) cluster;
  hash = builtins.hashString "sha256";

  # One multicast address for each cluster and one card address for each host. QEMU delivers what is
  # sent there to all VMs of this machine, and `localaddr` keeps it on the machine.
  byte = text: at: toString (builtins.fromTOML "it = 0x${lib.substring at 2 (hash text)}").it;
  group = "239.${byte cluster.name 0}.${byte cluster.name 2}.${byte cluster.name 4}:17171";
  card =
    let
      pair = at: lib.substring at 2 (hash "${cluster.name}/${config.networking.hostName}");
    in
    "52:54:00:${pair 0}:${pair 2}:${pair 4}";

in
{
  imports = [
    (import ./vm-parts.nix {
      inherit dataDisks;
      card = "cluster";
    })
  ];

  virtualisation.qemu.options = [
    "-netdev socket,id=cluster,mcast=${group},localaddr=127.0.0.1"
    "-device virtio-net-pci,netdev=cluster,mac=${card}"
  ];

  # QEMU's user network answers on the other card.
  networking.useDHCP = lib.mkVMOverride true;
  services.udev.extraRules = ''
    SUBSYSTEM=="net", ACTION=="add", ATTR{address}=="${card}", NAME="cluster"
  '';
  # A sender hears itself on such a network, and IPv6 would take that for a second owner of its address.
  boot.kernel.sysctl."net.ipv6.conf.cluster.accept_dad" = 0;

  services.getty.autologinUser = lib.mkDefault "root";
}

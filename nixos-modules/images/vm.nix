# A host as a VM to try, on NixOS's own qemu-vm.nix: an empty disk for each of its data disks, its
# addresses on a network that all VMs of the cluster on this machine share, and memory for a laptop.
# A root shell on the console, and nothing that reaches out of the VM but by QEMU's user network.
{ dataDisks }:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config.services.kafnix) addresses cluster;
  hash = builtins.hashString "sha256";

  # The host's own values are plain ones: stronger than they, weaker than `mkForce`.
  instead = lib.mkOverride 90;

  disks = lib.imap0 (number: mountPoint: {
    inherit number mountPoint;
    inherit (dataDisks.${mountPoint}) fsType options;
  }) (lib.attrNames dataDisks);
  # A newer NixOS can name a disk; before, its place among the drives is all there is.
  named = options.virtualisation.emptyDiskImages.type.nestedTypes.elemType.check { size = 1; };
  letter = number: lib.elemAt (lib.stringToCharacters "bcdefghijklmnopqrstuvwxyz") number;
  device =
    number:
    if named then "/dev/disk/by-id/virtio-data${toString number}" else "/dev/vd${letter number}";
  disk =
    number:
    if named then
      {
        size = 4096;
        driveConfig.deviceExtraOpts.serial = "data${toString number}";
      }
    else
      4096;

  # One multicast address for each cluster and one card address for each host. QEMU delivers what is
  # sent there to all VMs of this machine, and `localaddr` keeps it on the machine.
  byte = text: at: toString (builtins.fromTOML "it = 0x${lib.substring at 2 (hash text)}").it;
  group = "239.${byte cluster.name 0}.${byte cluster.name 2}.${byte cluster.name 4}:17171";
  card =
    let
      pair = at: lib.substring at 2 (hash "${cluster.name}/${config.networking.hostName}");
    in
    "52:54:00:${pair 0}:${pair 2}:${pair 4}";

  # Nothing routes here, so whatever begins like one of the host's addresses is a neighbour. Those of
  # its own subnet more closely: a host in two networks speaks in each with its address there.
  isV6 = lib.hasInfix ":";
  network =
    {
      own,
      subnet,
      wide,
      begin,
    }:
    {
      addresses = map (address: {
        inherit address;
        prefixLength = subnet;
      }) own;
      routes = map (address: {
        inherit address;
        prefixLength = wide;
      }) (lib.unique (map begin own));
    };
in
{
  services.kafnix = {
    zookeeper.heap = instead "256m";
    kafka.heap = instead "512m";
  };

  virtualisation = {
    memorySize = lib.mkDefault 2048;
    cores = lib.mkDefault 2;
    graphics = lib.mkDefault false;
    emptyDiskImages = map (it: disk it.number) disks;
    # These stand in for all of the host's: what its machine file mounts is not there.
    fileSystems = lib.listToAttrs (
      map (it: {
        name = it.mountPoint;
        value = {
          device = device it.number;
          autoFormat = true;
          inherit (it) fsType options;
        };
      }) disks
    );
    qemu.options = [
      "-netdev socket,id=cluster,mcast=${group},localaddr=127.0.0.1"
      "-device virtio-net-pci,netdev=cluster,mac=${card}"
    ];
  };

  # The cards of the machine file are not there, nor is its router.
  networking = {
    interfaces = lib.mkVMOverride {
      cluster = {
        useDHCP = false;
        ipv4 = network {
          own = lib.filter (address: !isV6 address) addresses;
          subnet = 24;
          wide = 8;
          begin = address: "${lib.head (lib.splitString "." address)}.0.0.0";
        };
        ipv6 = network {
          own = lib.filter isV6 addresses;
          subnet = 64;
          wide = 16;
          begin = address: "${lib.head (lib.splitString ":" address)}::";
        };
      };
    };
    # QEMU's user network answers on the other card.
    useDHCP = lib.mkVMOverride true;
    defaultGateway = lib.mkVMOverride null;
    defaultGateway6 = lib.mkVMOverride null;
  };
  services.udev.extraRules = ''
    SUBSYSTEM=="net", ACTION=="add", ATTR{address}=="${card}", NAME="cluster"
  '';
  # A sender hears itself on such a network, and IPv6 would take that for a second owner of its address.
  boot.kernel.sysctl."net.ipv6.conf.cluster.accept_dad" = 0;

  services.getty.autologinUser = lib.mkDefault "root";
}

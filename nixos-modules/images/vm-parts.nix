# What a host is in a VM: an empty disk for each of its data disks, its addresses on one card, and memory for a
# laptop. The VM to try and the nodes of VM tests are made of it.
{
  dataDisks,
  # the name of the network card that the cluster is on
  card,
}:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config.services.kafnix) addresses;

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
    zookeeper = {
      heap = instead "256m";
      # its disks are empty, whatever is on those of the host
      state = instead "new";
    };
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
  };

  # The cards of the machine file are not there, nor is its router.
  networking = {
    interfaces = lib.mkVMOverride {
      ${card} = {
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
    defaultGateway = lib.mkVMOverride null;
    defaultGateway6 = lib.mkVMOverride null;
  };
}

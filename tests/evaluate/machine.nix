# What the machine file of every host says that the tests evaluate: disks with the labels that its images have, and one
# network card with the addresses that the spec gives the host.
{ config, lib, ... }:
let
  isV6 = lib.hasInfix ":";
  addresses = config.services.kafnix.addresses or [ ];
  of = prefixLength: own: map (address: { inherit address prefixLength; }) own;
in
{
  boot.loader.systemd-boot.enable = true;
  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-label/ESP";
      fsType = "vfat";
    };
    "/data" = {
      device = "/dev/disk/by-label/data";
      fsType = "xfs";
      options = [
        "noatime"
        "nofail"
      ];
    };
  };
  networking = {
    useDHCP = false;
    interfaces.eth0 = {
      ipv4.addresses = of 24 (lib.filter (address: !isV6 address) addresses);
      ipv6.addresses = of 64 (lib.filter isV6 addresses);
    };
  };
  system.stateVersion = "24.05";
}

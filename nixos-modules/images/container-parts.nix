# What a host is in a container (systemd-nspawn) of a test: it runs on the builder's own kernel, without disks, and
# lives for one boot, so what stands for a data disk is memory.
{
  dataDisks,
  card,
}:
{ lib, ... }:
{
  imports = [ (import ./guest.nix { inherit card; }) ];

  # These stand in for all of the host's: what its machine file mounts is not there.
  fileSystems = lib.mkVMOverride (
    lib.mapAttrs (_: _: {
      device = "tmpfs";
      fsType = "tmpfs";
      options = [
        "size=2G"
        "mode=0755"
      ];
    }) dataDisks
  );
  swapDevices = lib.mkVMOverride [ ];
  boot = {
    initrd.luks.devices = lib.mkVMOverride { };
    loader = {
      grub.enable = lib.mkVMOverride false;
      systemd-boot.enable = lib.mkVMOverride false;
    };
  };
}

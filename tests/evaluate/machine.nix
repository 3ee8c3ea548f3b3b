# The hardware of every host that the tests evaluate.
{
  boot.loader.grub.enable = false;
  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
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
  system.stateVersion = "24.05";
}

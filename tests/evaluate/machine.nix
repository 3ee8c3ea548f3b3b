# The hardware of every host that the tests evaluate, with the labels that its images have.
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
  system.stateVersion = "24.05";
}

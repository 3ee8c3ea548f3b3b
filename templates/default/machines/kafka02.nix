# What this machine's hardware needs. kafnix never writes here.
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
    # `nofail`: a host whose data disk is missing still boots, so that one can get in and see why.
    "/data" = {
      device = "/dev/disk/by-label/data";
      fsType = "xfs";
      options = [
        "noatime"
        "nofail"
        "x-systemd.device-timeout=30s"
      ];
    };
  };

  system.stateVersion = "26.05";
}

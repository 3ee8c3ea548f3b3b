# The host as a live system: it runs from a CD or a USB stick, keeps nothing but what lies on its data
# disks, and needs no other disk. What the machine file mounts besides is not there.
{ dataDisks }:
{
  config,
  lib,
  modulesPath,
  ...
}:
let
  inherit (config.networking) hostName;
  override = lib.mkImageMediaOverride;
in
{
  imports = [ "${modulesPath}/installer/cd-dvd/iso-image.nix" ];

  config = {
    fileSystems = override (config.lib.isoFileSystems // dataDisks);
    swapDevices = override [ ];
    boot.initrd.luks.devices = override { };
    # The CD has a loader of its own, and there is nowhere to install another.
    boot.loader = {
      grub.enable = override false;
      systemd-boot.enable = override false;
      timeout = override 10;
    };

    isoImage = {
      makeEfiBootable = true;
      makeUsbBootable = true;
      # By this label the boot finds its medium among others. ISO 9660 has room for 32 characters.
      volumeID = lib.substring 0 32 "kafnix-${hostName}";
      appendToMenuLabel = " ${hostName}";
    };
    system.build.image = lib.mkDefault config.system.build.isoImage;
    image.baseName = lib.mkForce hostName;
  };
}

# Whether the disk image and the machine file speak of the same disk. The host keeps its machine file
# when it is switched to a later configuration, so the image does not overrule it: a root file system
# that is found only at the first boot would be lost at the second.
{ config, lib, ... }:
let
  inherit (config) fileSystems;
  inherit (config.networking) hostName;
  esp = config.boot.loader.efi.efiSysMountPoint;
  of =
    mountPoint:
    fileSystems.${mountPoint} or {
      device = null;
      label = null;
      fsType = "none";
      options = [ ];
    };
  named =
    mountPoint: label:
    (of mountPoint).device == "/dev/disk/by-label/${label}" || (of mountPoint).label == label;
  deviceOf =
    mountPoint:
    let
      fileSystem = of mountPoint;
    in
    toString (if fileSystem.label != null then fileSystem.label else fileSystem.device);

  # Nothing of the image, a real device, and something that the boot waits for.
  waitedFor = lib.filter (
    {
      mountPoint,
      device,
      label,
      options,
      ...
    }:
    mountPoint != "/"
    && mountPoint != esp
    && (label != null || (device != null && lib.hasPrefix "/dev/" device))
    && !lib.elem "nofail" options
    && !lib.elem "noauto" options
  ) (lib.attrValues fileSystems);
  waitedForText = lib.concatMapStringsSep " and no " (it: it.mountPoint) waitedFor;

  fits =
    mountPoint: label: fsType:
    let
      there = "${deviceOf mountPoint} (${(of mountPoint).fsType})";
      here = ''{ device = "/dev/disk/by-label/${label}"; fsType = "${fsType}"; }'';
    in
    {
      assertion = named mountPoint label && (of mountPoint).fsType == fsType;
      message = "the image of ${hostName} has ${mountPoint} on the label ${label} (${fsType}), and the machine file has it on ${there}: a host made from the image would not find it. Set fileSystems.\"${mountPoint}\" to ${here}, or install this host without an image";
    };
in
{
  assertions = [
    (fits "/" "nixos" "ext4")
    (fits esp "ESP" "vfat")
    {
      assertion = waitedFor == [ ];
      message = "the image of ${hostName} has no ${waitedForText}, and its first boot would wait for it and end in emergency mode: add \"nofail\" to the options of that file system, or keep what lies there on the root file system";
    }
    {
      assertion = config.boot.loader.systemd-boot.enable;
      message = "the image of ${hostName} boots by systemd-boot: set boot.loader.systemd-boot.enable in the machine file, so that later switches keep that loader";
    }
    {
      assertion = config.boot.initrd.secrets == { };
      message = "an image holds no secret, and ${hostName} has boot.initrd.secrets that its initrd would have to hold: install this host without an image, or take them out";
    }
  ];
}

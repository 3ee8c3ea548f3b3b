# Images of a host: for each format a module that is put on top of the host's own configuration, and
# the VM to try. Data disks are never part of an image.
{
  config,
  lib,
  options,
  utils,
  ...
}:
let
  inherit (config.services.kafnix) dataDisks;
  cfg = config.services.kafnix.images;
in
{
  # so that a VM test can ask the real host, whose file systems are not those of the VM
  options.services.kafnix.dataDisks = lib.mkOption {
    type = lib.types.attrsOf lib.types.raw;
    internal = true;
    readOnly = true;
    default = import ../lib/data-disks.nix { inherit lib utils; } config;
    description = "Mount point → entry for {option}`fileSystems` of each disk that holds data.";
  };

  options.services.kafnix.images = lib.mkOption {
    type = lib.types.attrsOf lib.types.deferredModule;
    example = lib.literalExpression ''
      {
        raw.image.repart.partitions."20-root".repartConfig.SizeMinBytes = "16G";
      }
    '';
    description = ''
      Format → NixOS module for the image of this host in that format: `raw` (a disk with a GUID
      partition table, for EFI), `qcow2` (the same disk for QEMU) and `iso` (a live system). What
      is set here comes on top of what kafnix sets for the format. Each is a variant
      `kafnix-<format>` of {command}`nixos-rebuild build-image`.

      The VM is changed in {option}`virtualisation.vmVariant`.
    '';
  };

  config = lib.mkMerge [
    {
      services.kafnix.images = {
        raw = ./raw.nix;
        qcow2 = import ./qcow2.nix { inherit (config.system.build.kafnixImages) raw; };
        iso = import ./iso.nix { inherit dataDisks; };
      };
    }
    (lib.optionalAttrs (options ? image.modules) {
      image.modules = lib.mapAttrs' (format: lib.nameValuePair "kafnix-${format}") cfg;
      # the derivation and, in `passthru`, the image's own configuration
      system.build.kafnixImages = lib.mapAttrs (
        format: _: config.system.build.images."kafnix-${format}"
      ) cfg;
    })
    (lib.optionalAttrs (options ? virtualisation.vmVariant) {
      virtualisation.vmVariant = import ./vm.nix { inherit dataDisks; };
    })
  ];
}

# The raw disk for QEMU: what is empty takes no room. Written by one thread in the order of the disk,
# so that it is the same bytes whenever it is made.
{ raw }:
{
  config,
  lib,
  pkgs,
  modulesPath,
  ...
}:
let
  # as the raw image calls itself, with a version (system.image.version) where the host has one
  inherit (raw.passthru.config) image;
  inherit (config.networking) hostName;
in
{
  # where `nixos-rebuild build-image` looks for the name of the file
  imports = [ "${modulesPath}/image/file-options.nix" ];

  image = {
    baseName = lib.mkDefault image.baseName;
    extension = "qcow2";
  };
  system.build.image =
    lib.throwIfNot (image.extension == "raw")
      "the qcow2 image of ${hostName} is made of its raw image, which is compressed (${image.filePath}): leave services.kafnix.images.raw without image.repart.compression"
      (
        pkgs.runCommand config.image.fileName { nativeBuildInputs = [ pkgs.buildPackages.qemu-utils ]; } ''
          mkdir $out
          qemu-img convert -f raw -O qcow2 -m 1 ${raw}/${image.filePath} $out/${config.image.filePath}
        ''
      );
}

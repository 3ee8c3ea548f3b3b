# The raw disk for QEMU: what is empty takes no room. Written by one thread in the order of the disk,
# so that it is the same bytes whenever it is made.
{ raw }:
{
  config,
  lib,
  pkgs,
  options,
  modulesPath,
  ...
}:
let
  inherit (config.networking) hostName;
  # where `nixos-rebuild build-image` looks for the name of the file, since NixOS 25.05
  fileOptions = "${modulesPath}/image/file-options.nix";
in
{
  imports = lib.optional (builtins.pathExists fileOptions) fileOptions;

  config = lib.mkMerge [
    {
      system.build.image =
        pkgs.runCommand "${hostName}.qcow2" { nativeBuildInputs = [ pkgs.buildPackages.qemu-utils ]; }
          ''
            mkdir $out
            qemu-img convert -f raw -O qcow2 -m 1 ${raw}/${hostName}.raw $out/${hostName}.qcow2
          '';
    }
    (lib.optionalAttrs (options ? image.baseName) {
      image = {
        baseName = hostName;
        extension = "qcow2";
      };
    })
  ];
}

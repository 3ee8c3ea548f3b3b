# kafnix itself, the launcher of the units, every pinned release, as zookeeper-3_9_5 and the like, and
# the images of this repository's hosts, as image-kafka01-raw: too big to be made at every check, they
# are here so that `nix build --rebuild` can make one twice and compare.
{
  self,
  lib,
  pkgs,
}:
let
  releases = import ../nixos-modules/packages { inherit pkgs; };
  named =
    product:
    lib.mapAttrs' (
      version: lib.nameValuePair "${product}-${lib.replaceStrings [ "." ] [ "_" ] version}"
    ) releases.${product};
  kafnix = import ./program.nix { inherit pkgs; };
  here = lib.filterAttrs (
    _: host: host.config.nixpkgs.hostPlatform.system == pkgs.stdenv.hostPlatform.system
  ) self.nixosConfigurations;
  images = lib.concatMapAttrs (
    host: lib.mapAttrs' (format: lib.nameValuePair "image-${host}-${format}")
  ) (self.lib.images here);
in
{
  inherit kafnix;
  kafnix-launch = pkgs.callPackage ./kafnix-launch.nix { };
  default = kafnix;
}
// named "zookeeper"
// named "kafka"
// images

# kafnix itself and every pinned release, as zookeeper-3_9_5 and the like.
{ lib, pkgs, ... }:
let
  releases = import ../nixos-modules/packages { inherit pkgs; };
  named =
    product:
    lib.mapAttrs' (
      version: lib.nameValuePair "${product}-${lib.replaceStrings [ "." ] [ "_" ] version}"
    ) releases.${product};
  kafnix = pkgs.callPackage ./kafnix.nix { };
in
{
  inherit kafnix;
  default = kafnix;
}
// named "zookeeper"
// named "kafka"

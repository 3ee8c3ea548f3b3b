# What `nix flake check` proves: VM and container tests of this repository's cluster, and of each spec that a scenario
# names, beside the rest.
{
  self,
  lib,
  pkgs,
}:
let
  scenarios =
    prefix: containers:
    lib.concatMapAttrs
      (_: lib.mapAttrs' (name: lib.nameValuePair "${prefix}-${lib.replaceStrings [ "_" ] [ "-" ] name}"))
      (
        import ./own.nix {
          inherit lib containers;
          kafnix = self.nixosModules.default;
          # the hosts' own platform
          packagesOf = _: pkgs;
        }
      );
in
import ../../nix/checks.nix { inherit self lib pkgs; }
// lib.optionalAttrs (pkgs.stdenv.hostPlatform.system == "x86_64-linux") (
  scenarios "vm" false // scenarios "container" true
)

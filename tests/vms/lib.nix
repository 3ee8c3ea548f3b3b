# What other flakes call for the scenarios as NixOS tests of their own cluster, for their `checks`. It takes what
# `lib.nixosConfigurations` takes, and whether the hosts are containers.
{
  lib,
  kafnix,
  packagesOf,
}:
{
  specialArgs ? { },
  containers ? false,
  ...
}@arguments:
import ./. { inherit lib packagesOf; } {
  inherit containers specialArgs;
  hosts = import ../../nix/host-modules.nix { inherit lib kafnix; } (
    removeAttrs arguments [
      "specialArgs"
      "containers"
    ]
  );
}

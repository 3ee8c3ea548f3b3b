# The scenarios of this folder as NixOS tests of anybody's cluster, for the `checks` of a flake. It takes what
# `lib.nixosConfigurations` takes, and whether the hosts are containers.
{
  lib,
  kafnix,
  packagesOf,
}:
{
  hosts,
  machines,
  modules ? [ ],
  specialArgs ? { },
  containers ? false,
}:
import ../nix/vm-tests.nix { inherit lib packagesOf; } {
  inherit containers specialArgs;
  hosts = import ../nix/host-modules.nix { inherit lib kafnix; } { inherit hosts machines modules; };
}

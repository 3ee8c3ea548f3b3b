# The scenarios of this folder as NixOS VM tests of anybody's cluster, for the `checks` of a flake. It takes what
# `lib.nixosConfigurations` takes.
{ lib, kafnix }:
{
  hosts,
  machines,
  modules ? [ ],
  specialArgs ? { },
}:
import ../nix/vm-tests.nix { inherit lib; } {
  hosts = import ../nix/host-modules.nix { inherit lib kafnix; } { inherit hosts machines modules; };
  inherit specialArgs;
}

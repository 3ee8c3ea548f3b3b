# What other flakes call.
{ self, nixpkgs }:
{
  nixosConfigurations = import ./nixos-configurations.nix {
    inherit (nixpkgs) lib;
    kafnix = self.nixosModules.default;
  };
}

# What other flakes call.
{ self, nixpkgs }:
let
  inherit (nixpkgs) lib;
in
{
  nixosConfigurations = import ./nixos-configurations.nix {
    inherit lib;
    kafnix = self.nixosModules.default;
  };
  # both take what the first one gives
  images = import ./images.nix { inherit lib; };
  vms = import ./vms.nix { inherit lib; };
}

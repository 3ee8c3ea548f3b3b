# What other flakes call.
{ self, nixpkgs }:
let
  inherit (nixpkgs) lib;
  kafnix = self.nixosModules.default;
in
{
  nixosConfigurations = import ./nixos-configurations.nix { inherit lib kafnix; };
  # both take what the first one gives
  images = import ./images.nix { inherit lib; };
  vms = import ./vms.nix { inherit lib; };
}

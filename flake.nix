{
  description = "One spec becomes the NixOS hosts of a ZooKeeper ensemble and its Kafka brokers";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      forAllSystems =
        file:
        lib.genAttrs
          [
            "x86_64-linux"
            "aarch64-linux"
          ]
          (
            system:
            import file {
              inherit self lib;
              pkgs = nixpkgs.legacyPackages.${system};
            }
          );
    in
    {
      lib = import ./nix/lib.nix { inherit self nixpkgs; } // {
        vmTests = import ./tests/vms/lib.nix {
          inherit lib;
          kafnix = self.nixosModules.default;
          packagesOf = system: nixpkgs.legacyPackages.${system};
        };
      };
      nixosModules = import ./nix/nixos-modules.nix { programOf = forAllSystems ./nix/program.nix; };
      nixosConfigurations = import ./nix/hosts.nix { inherit self lib; };
      images = self.lib.images self.nixosConfigurations;
      vms = self.lib.vms self.nixosConfigurations;
      packages = forAllSystems ./nix/packages.nix;
      apps = forAllSystems ./nix/apps.nix;
      checks = forAllSystems ./tests/vms/checks.nix;
      devShells = forAllSystems ./nix/shell.nix;
      formatter = forAllSystems ./nix/formatter.nix;
      templates = import ./nix/templates.nix;
    };
}

{
  inputs.kafnix.url = "github:kafnix/kafnix";

  outputs =
    { self, kafnix, ... }:
    {
      nixosConfigurations = kafnix.lib.nixosConfigurations {
        hosts = ./hosts;
        machines = ./machines;
      };
      images = kafnix.lib.images self.nixosConfigurations;
      vms = kafnix.lib.vms self.nixosConfigurations;
      # boots this cluster: `nix flake check`, on a machine with KVM
      checks.x86_64-linux = kafnix.lib.vmTests {
        hosts = ./hosts;
        machines = ./machines;
      };
    };
}

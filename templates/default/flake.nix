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
    };
}

{
  inputs.kafnix.url = "github:kafnix/kafnix";

  outputs =
    { kafnix, ... }:
    {
      nixosConfigurations = kafnix.lib.nixosConfigurations {
        hosts = ./hosts;
        machines = ./machines;
      };
    };
}

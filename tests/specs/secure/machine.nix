# As lib.nixosConfigurations sets it: the hosts know their spec.
{
  services.kafnix.tools = {
    spec = ./cluster.json;
    lock = ./hosts/lock.json;
  };
}

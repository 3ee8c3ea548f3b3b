# The hosts of this repository's own cluster, found by listing.
{ self, ... }:
self.lib.nixosConfigurations {
  hosts = ../hosts;
  machines = ../machines;
}

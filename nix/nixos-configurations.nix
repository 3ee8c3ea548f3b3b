# A NixOS configuration for every folder in `hosts`.
{ lib, kafnix }:
{
  # arguments of all modules
  specialArgs ? { },
  # what `host-modules.nix` takes: `hosts`, `machines`, `modules`, `spec`
  ...
}@arguments:
lib.mapAttrs (_: modules: lib.nixosSystem { inherit modules specialArgs; }) (
  import ./host-modules.nix { inherit lib kafnix; } (removeAttrs arguments [ "specialArgs" ])
)

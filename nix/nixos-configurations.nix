# A NixOS configuration for every folder in `hosts`.
{ lib, kafnix }:
{
  # the folder that `kafnix generate` writes
  hosts,
  # the folder of the machine files, each <host>.nix or <host>/default.nix
  machines,
  # modules that every host gets
  modules ? [ ],
  # arguments of all modules
  specialArgs ? { },
}:
lib.mapAttrs (_: modules: lib.nixosSystem { inherit modules specialArgs; }) (
  import ./host-modules.nix { inherit lib kafnix; } { inherit hosts machines modules; }
)

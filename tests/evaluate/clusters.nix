# Every generated tree of the repository: cluster → host → its configuration. A tree is `hosts/` or
# `tests/specs/<name>/hosts/`; none is listed by hand. Without a tree a cluster has no hosts.
{ lib }:
let
  inherit (builtins) pathExists readDir;
  specs = ../specs;
  folders = folder: lib.attrNames (lib.filterAttrs (_: type: type == "directory") (readDir folder));

  # as the flake makes them, with the machine files that stand beside them
  repository = import ../../nix/nixos-configurations.nix {
    inherit lib;
    kafnix = ../../nixos-modules;
  };

  configuration =
    host:
    (lib.nixosSystem {
      modules = [
        ../../nixos-modules
        ./machine.nix
        host
      ];
    }).config;
in
{
  repository = lib.optionalAttrs (pathExists ../../hosts) (
    lib.mapAttrs (_: system: system.config) (repository {
      hosts = ../../hosts;
      machines = ../../machines;
    })
  );
}
// lib.genAttrs (lib.optionals (pathExists specs) (folders specs)) (
  name:
  let
    tree = specs + "/${name}/hosts";
  in
  lib.optionalAttrs (pathExists tree) (
    lib.genAttrs (folders tree) (host: configuration (tree + "/${host}"))
  )
)

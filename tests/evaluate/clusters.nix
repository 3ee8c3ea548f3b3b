# Every generated tree of the repository: cluster → host → its configuration. A tree is `hosts/` or
# `tests/specs/<name>/hosts/`; none is listed by hand. Without a tree a cluster has no hosts.
{
  lib,
  # modules that every host gets
  modules ? [ ],
  # what is wanted of a host
  of ? system: system.config,
}:
let
  inherit (builtins) pathExists readDir;
  specs = ../specs;
  # The manual would be a sixth of the evaluation of a host. docs/options.md is made of the same options.
  withoutManual = {
    documentation.nixos.enable = false;
  };
  folders = folder: lib.attrNames (lib.filterAttrs (_: type: type == "directory") (readDir folder));

  # as the flake makes them, with the machine files that stand beside them
  repository = import ../../nix/nixos-configurations.nix {
    inherit lib;
    kafnix = ../../nixos-modules;
  };

  configuration =
    beside: host:
    lib.nixosSystem {
      modules = [
        ../../nixos-modules
        ./machine.nix
        withoutManual
        host
      ]
      # what a person would write for all hosts of the cluster
      ++ lib.optional (pathExists beside) beside
      ++ modules;
    };
in
{
  repository = lib.optionalAttrs (pathExists ../../hosts) (
    lib.mapAttrs (_: of) (repository {
      hosts = ../../hosts;
      machines = ../../machines;
      modules = [ withoutManual ] ++ modules;
    })
  );
}
// lib.genAttrs (lib.optionals (pathExists specs) (folders specs)) (
  name:
  let
    tree = specs + "/${name}/hosts";
  in
  lib.optionalAttrs (pathExists tree) (
    lib.genAttrs (folders tree) (
      host: of (configuration (specs + "/${name}/machine.nix") (tree + "/${host}"))
    )
  )
)

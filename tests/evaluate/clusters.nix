# Every generated tree of the repository: cluster → host → its configuration. A tree is `hosts/` or
# `tests/specs/<name>/hosts/`; none is listed by hand.
{ lib }:
let
  inherit (builtins) pathExists readDir;
  specs = ../specs;
  folders = folder: lib.attrNames (lib.filterAttrs (_: type: type == "directory") (readDir folder));

  trees =
    lib.optionalAttrs (pathExists ../../hosts) { repository = ../../hosts; }
    // lib.optionalAttrs (pathExists specs) (
      lib.genAttrs (lib.filter (name: pathExists (specs + "/${name}/hosts")) (folders specs)) (
        name: specs + "/${name}/hosts"
      )
    );

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
lib.mapAttrs (_: tree: lib.genAttrs (folders tree) (name: configuration (tree + "/${name}"))) trees

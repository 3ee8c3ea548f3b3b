# The tests of this repository's hosts, and of every spec of tests/specs that a scenario runs on, in virtual machines
# or in containers: cluster → scenario → its test.
{
  lib,
  kafnix,
  packagesOf,
  containers ? false,
}:
let
  vmTests = arguments: import ./. { inherit lib packagesOf; } (arguments // { inherit containers; });
  specs = ../specs;
  trees = lib.filter (name: builtins.pathExists (specs + "/${name}/hosts")) (
    lib.attrNames (builtins.readDir specs)
  );
  ofSpec =
    name:
    let
      tree = specs + "/${name}/hosts";
      hosts = lib.attrNames (lib.filterAttrs (_: type: type == "directory") (builtins.readDir tree));
    in
    vmTests {
      cluster = name;
      hosts = lib.genAttrs hosts (host: [
        kafnix
        (tree + "/${host}")
        ../evaluate/machine.nix
      ]);
    };
in
lib.genAttrs trees ofSpec
// {
  repository = vmTests {
    cluster = "repository";
    hosts = import ../../nix/host-modules.nix { inherit lib kafnix; } {
      hosts = ../../hosts;
      machines = ../../machines;
    };
  };
}

# Just enough of NixOS for the modules of kafnix, so that many small configurations cost little.
{ lib, pkgs }:
let
  anything = lib.mkOption {
    type = lib.types.anything;
    default = { };
  };
in
modules:
lib.evalModules {
  specialArgs = {
    inherit pkgs;
    utils = {
      escapeSystemdPath = lib.replaceStrings [ "/" ] [ "-" ];
      escapeSystemdExecArgs = toString;
    };
  };
  modules = [
    ../../nixos-modules
    {
      options = {
        assertions = lib.mkOption { type = lib.types.listOf lib.types.unspecified; };
        environment = anything;
        fileSystems = anything;
        networking = anything;
        systemd = anything;
        users = anything;
      };
    }
  ]
  ++ modules;
}

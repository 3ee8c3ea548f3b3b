# Just enough of NixOS for the modules of kafnix, so that many small configurations cost little.
{ lib, pkgs }:
let
  inherit (lib) mkOption types;
  anything = mkOption {
    type = types.anything;
    default = { };
  };
  attrsOf =
    type:
    mkOption {
      type = types.attrsOf type;
      default = { };
    };
  list = mkOption {
    type = types.listOf types.unspecified;
    default = [ ];
  };

  file = types.submodule (
    { name, ... }:
    {
      freeformType = types.anything;
      options.source = mkOption { default = "/etc/${name}"; };
    }
  );
  fileSystem = types.submodule (
    { name, ... }:
    {
      freeformType = types.anything;
      options = {
        mountPoint = mkOption { default = name; };
        label = mkOption { default = null; };
      };
    }
  );
  service = types.submodule {
    freeformType = types.anything;
    options = lib.genAttrs [ "after" "wantedBy" "wants" ] (_: list);
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
        assertions = list;
        boot.kernel.sysctl = attrsOf types.anything;
        environment.etc = attrsOf file;
        environment.systemPackages = list;
        fileSystems = attrsOf fileSystem;
        networking = anything;
        swapDevices = list;
        system.autoUpgrade = anything;
        system.checks = list;
        system.preSwitchChecks = attrsOf types.anything;
        systemd.network = anything;
        systemd.services = attrsOf service;
        systemd.tmpfiles.rules = list;
        users = anything;
        warnings = list;
        zramSwap = anything;
      };
      config = {
        networking = {
          firewall.enable = lib.mkDefault true;
          firewall.backend = lib.mkDefault "nftables";
          useNetworkd = lib.mkDefault false;
          interfaces = lib.mkDefault { };
          wg-quick.interfaces = lib.mkDefault { };
        };
        systemd.network = {
          enable = lib.mkDefault false;
          networks = lib.mkDefault { };
        };
        system.autoUpgrade.enable = lib.mkDefault false;
        zramSwap.enable = lib.mkDefault false;
      };
    }
  ]
  ++ modules;
}

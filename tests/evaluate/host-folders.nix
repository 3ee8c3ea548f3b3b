# `lib.nixosConfigurations` goes by the folders that it is given, and refuses what does not fit.
{ lib }:
let
  configurations = import ../../nix/nixos-configurations.nix {
    inherit lib;
    kafnix.options.services.kafnix.tools = lib.mkOption { type = lib.types.anything; };
  };
  machines = ../../templates/default/machines;
  # Only folders are looked at until a host is asked for.
  fails = value: !(builtins.tryEval value).success;
  test = name: holds: {
    inherit name;
    problem = if holds then null else "it does not hold";
  };
in
[
  (test "a folder of hosts that is not there is refused" (
    fails (
      lib.attrNames (configurations {
        hosts = ./nowhere;
        inherit machines;
      })
    )
  ))
  (test "every folder is a host, and no file is one" (
    lib.attrNames (configurations {
      hosts = ../../templates;
      machines = ./nowhere;
    }) == [ "default" ]
  ))
  (test "a host without a machine file is refused" (
    fails
      (configurations {
        hosts = ../../templates;
        machines = ./nowhere;
      }).default.config.networking.hostName
  ))
  (test "a machine file may be a folder" (
    (configurations {
      hosts = ./host-folders/hosts;
      machines = ./host-folders/machines;
    }).in-a-folder.config.networking.domain == "example.org"
  ))
  (test "a host with two machine files is refused" (
    fails
      (configurations {
        hosts = ./host-folders/hosts;
        machines = ./host-folders/machines;
      }).twice.config.networking.domain
  ))
]

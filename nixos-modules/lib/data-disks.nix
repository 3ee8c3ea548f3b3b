# The file systems of a host that hold its servers' data: mount point → entry for `fileSystems`. One
# that the host cannot boot without is none of them, even where a data directory lies on it.
{ lib, utils }:
config:
let
  inherit (config.services.kafnix) zookeeper kafka;
  settings = import ./settings.nix { inherit lib; };
  of = server: keys: lib.optionals server.enable (lib.concatMap (named server) keys);
  named = server: key: settings.directories (server.settings.${key} or null);
  directories =
    of zookeeper [
      "dataDir"
      "dataLogDir"
    ]
    ++ of kafka [ "log.dirs" ];
  holdsData =
    mountPoint: lib.any (directory: lib.hasPrefix "${mountPoint}/" "${directory}/") directories;
in
lib.mapAttrs
  (_: fileSystem: {
    inherit (fileSystem)
      device
      label
      fsType
      options
      ;
  })
  (
    lib.filterAttrs (
      mountPoint: fileSystem: holdsData mountPoint && !utils.fsNeededForBoot fileSystem
    ) config.fileSystems
  )

{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  cfg = config.services.kafnix.zookeeper;
  kafnix = config.services.kafnix;
  properties = import ../lib/properties.nix;
  settings = import ../lib/settings.nix { inherit lib; };
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  loggingFlag = import ./logging.nix {
    inherit lib pkgs;
    version = kafnix.versions.zookeeper;
  };

  dataDirectory = cfg.settings.dataDir or null;
  directories =
    settings.directories dataDirectory ++ settings.directories (cfg.settings.dataLogDir or null);

  ownDirectory = pkgs.writeShellScript "zookeeper-own-directory" (
    import ./own-directory.nix { inherit (pkgs) coreutils; }
  );
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (server.account {
        name = "zookeeper";
        inherit cfg;
      })
      {
        systemd.services.zookeeper = lib.mkMerge [
          (server.unit {
            name = "zookeeper";
            user = "zookeeper";
            group = "zookeeper";
            inherit directories;
            command = [
              ownDirectory
              (toString cfg.id)
              (toString dataDirectory)
              (toString (lib.length directories))
            ]
            ++ directories
            ++ [ "${kafnix.jdk}/bin/java" ]
            ++ server.javaFlags {
              name = "zookeeper";
              inherit (cfg) heap;
            }
            ++ [
              # A data directory that is not there is a disk that is not there.
              "-Dzookeeper.datadir.autocreate=false"
              loggingFlag
            ]
            ++ properties.flags cfg.systemProperties
            ++ cfg.javaOptions
            ++ [
              "-cp"
              "${cfg.package}/lib/*"
              "org.apache.zookeeper.server.quorum.QuorumPeerMain"
              "${config.environment.etc."zookeeper/zoo.cfg".source}"
            ];
          })
          {
            description = "ZooKeeper server ${toString cfg.id} of ${kafnix.cluster.name}";
            documentation = [ "https://zookeeper.apache.org/doc/r${kafnix.versions.zookeeper}/" ];
            serviceConfig = {
              RestartSec = 5;
              TimeoutStopSec = 120;
              LimitNOFILE = 1000000;
            };
          }
        ];
      }
    ]
  );
}

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

  # Runs as the unit's main process, since systemd heeds `RestartPreventExitStatus=` for that one
  # only, and then becomes the JVM. The file is put in place whole: a power loss between two writes
  # would leave an empty one.
  ownDirectory = pkgs.writeShellScript "zookeeper-own-directory" ''
    set -eu
    PATH=${lib.makeBinPath [ pkgs.coreutils ]}
    id=$1 data=$2 count=$3
    shift 3
    found=
    if [ -e "$data/myid" ]; then read -r found <"$data/myid" || true; fi
    if [ -n "$found" ] && [ "$found" != "$id" ]; then
      echo "<3>$data belongs to ZooKeeper server $found and this host is server $id: mount the right disk, or empty the directory if its data may go" >&2
      exit 78
    fi
    if [ -z "$found" ]; then
      echo "$id" >"$data/myid.new"
      mv "$data/myid.new" "$data/myid"
    fi
    while [ "$count" -gt 0 ]; do
      mkdir -p "$1/version-2"
      shift
      count=$((count - 1))
    done
    exec "$@"
  '';
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

{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  cfg = config.services.kafnix.kafka;
  kafnix = config.services.kafnix;
  settings = import ../lib/settings.nix { inherit lib; };
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  version = kafnix.versions.kafka;

  # Beside the journal and apart from the data: the collector's log, which the JVM turns over itself.
  logs = "kafka";
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (server.account {
        name = "kafka";
        inherit cfg;
      })
      {
        services.kafnix.kafka = {
          place =
            server.placeOf {
              name = "kafka";
              inherit cfg;
            }
            // {
              config = "${config.environment.etc."kafka/server.properties".source}";
              logs = "/var/log/${logs}";
            };
          command = server.commandOf {
            role = "kafka";
            inherit cfg;
            facts = {
              release = version;
            }
            // lib.optionalAttrs (kafnix.cluster.kafka.clusterId != null) {
              cluster-id = kafnix.cluster.kafka.clusterId;
            };
          };
        };

        system.checks = server.configCheck {
          product = "kafka";
          inherit (cfg) package;
          config = cfg.place.config;
        };

        systemd.services.kafka = lib.mkMerge [
          (server.unit {
            name = "kafka";
            user = "kafka";
            group = "kafka";
            directories = settings.directories (cfg.settings."log.dirs" or null);
            inherit (cfg) command peers;
            servesWithSome = cfg.missingLogDirs == "serve";
          })
          {
            description = "Kafka broker ${toString (cfg.settings."broker.id" or "")} of ${kafnix.cluster.name}";
            documentation = [ "https://kafka.apache.org/documentation/" ];
            # An order and no more: a broker outlives the restart of the ZooKeeper server beside it.
            after = lib.optional (kafnix.zookeeper.enable or false) "zookeeper.service";
            serviceConfig = {
              LogsDirectory = logs;
              LogsDirectoryMode = "0750";
              # The last resort: the launcher ends a broker that hangs once its logs are closed. A
              # controlled shutdown takes up to 190 s before that.
              TimeoutStopSec = 600;
            };
          }
        ];
      }
    ]
  );
}

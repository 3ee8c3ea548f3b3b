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
  logging = pkgs.writeText "kafka-log4j.properties" (
    import ../lib/log4j.nix { inherit lib; } {
      # One line per request at INFO, which would drown the rest.
      "kafka.request.logger" = "WARN";
      "kafka.network.RequestChannel$" = "WARN";
    }
  );

  # A broker that comes back while ZooKeeper still holds its old session dies of it. A session ends
  # with its time-out and then up to a tick late, so the pause is somewhat longer than that.
  sessionMilliseconds = settings.number (cfg.settings."zookeeper.session.timeout.ms" or 18000);
  restartSeconds = (sessionMilliseconds + 999) / 1000 + 5;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (server.account {
        name = "kafka";
        inherit cfg;
      })
      {
        systemd.services.kafka = lib.mkMerge [
          (server.unit {
            name = "kafka";
            user = "kafka";
            group = "kafka";
            directories = settings.directories (cfg.settings."log.dirs" or null);
            command = [
              "${kafnix.jdk}/bin/java"
            ]
            ++ server.javaFlags {
              name = "kafka";
              inherit (cfg) heap;
            }
            ++ [
              # from the product's own start script and manual ("Java version")
              "-XX:MaxGCPauseMillis=20"
              "-XX:InitiatingHeapOccupancyPercent=35"
              "-XX:+ExplicitGCInvokesConcurrent"
              "-XX:MaxInlineLevel=15"
              "-XX:G1HeapRegionSize=16M"
              "-XX:MetaspaceSize=96m"
              "-XX:MinMetaspaceFreeRatio=50"
              "-XX:MaxMetaspaceFreeRatio=80"
              "-Dlog4j.configuration=file:${logging}"
            ]
            ++ cfg.javaOptions
            ++ [
              "-cp"
              "${cfg.package}/libs/*"
              "kafka.Kafka"
              "${config.environment.etc."kafka/server.properties".source}"
            ];
          })
          {
            description = "Kafka broker ${toString (cfg.settings."broker.id" or "")} of ${kafnix.cluster.name}";
            documentation = [ "https://kafka.apache.org/documentation/" ];
            # An order and no more: a broker outlives the restart of the ZooKeeper server beside it.
            after = lib.optional (kafnix.zookeeper.enable or false) "zookeeper.service";
            serviceConfig = {
              RestartSec = restartSeconds;
              # A controlled shutdown takes up to 190 s before the logs are flushed.
              TimeoutStopSec = 600;
              LimitNOFILE = 1000000;
            };
          }
        ];
      }
    ]
  );
}

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
  settings = import ../lib/settings.nix { inherit lib; };
  command = import ../lib/command.nix { inherit lib; };
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  version = kafnix.versions.zookeeper;
  logging = command.logging "zookeeper" version;

  # Beside the data's disks, so that an emptied one is known for what it is.
  memory = "kafnix-zookeeper";
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (server.account {
        name = "zookeeper";
        inherit cfg;
      })
      {
        services.kafnix.zookeeper = {
          place = {
            launcher = "${kafnix.launcher}/bin/kafnix-launch";
            java = "${kafnix.jdk}/bin/java";
            release = "${cfg.package}";
            runtime = server.runtimeOf "zookeeper";
            memory = "/var/lib/${memory}";
            config = "${config.environment.etc."zookeeper/zoo.cfg".source}";
            logging = "${pkgs.writeText logging.name logging.text}";
          }
          // server.classDataPlace cfg.classData;
          command = command.zookeeper {
            inherit (kafnix) cluster;
            inherit version;
            inherit (kafnix.versions) jdk;
            inherit (cfg)
              id
              state
              heap
              systemProperties
              javaOptions
              place
              ;
          };
        };

        system.checks = server.configCheck {
          product = "zookeeper";
          inherit (cfg) package;
          config = cfg.place.config;
          id = toString cfg.id;
        };

        systemd.services.zookeeper = lib.mkMerge [
          (server.unit {
            name = "zookeeper";
            user = "zookeeper";
            group = "zookeeper";
            directories =
              settings.directories (cfg.settings.dataDir or null)
              ++ settings.directories (cfg.settings.dataLogDir or null);
            inherit (cfg) command peers;
          })
          {
            description = "ZooKeeper server ${toString cfg.id} of ${kafnix.cluster.name}";
            documentation = [ "https://zookeeper.apache.org/doc/r${version}/" ];
            serviceConfig = {
              StateDirectory = memory;
              StateDirectoryMode = "0750";
              TimeoutStopSec = 120;
            };
          }
        ];
      }
    ]
  );
}

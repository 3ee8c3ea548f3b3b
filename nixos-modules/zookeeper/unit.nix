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
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  version = kafnix.versions.zookeeper;

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
          place =
            server.placeOf {
              name = "zookeeper";
              inherit cfg;
            }
            // {
              config = "${config.environment.etc."zookeeper/zoo.cfg".source}";
              memory = "/var/lib/${memory}";
            };
          command = server.commandOf {
            role = "zookeeper";
            inherit cfg;
            inherit (cfg) systemProperties;
            facts = {
              ensemble = lib.concatStringsSep "," kafnix.cluster.zookeeper.members;
              id = toString cfg.id;
              release = version;
              inherit (cfg) state;
            };
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

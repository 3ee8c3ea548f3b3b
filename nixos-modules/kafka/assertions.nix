# Facts that the generator's rules hold, too, for what a machine file changes behind its back.
# Both carry the same codes.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.kafnix.kafka;
  kafnix = config.services.kafnix;
  settings = import ../lib/settings.nix { inherit lib; };
  directories = import ../lib/directories.nix { inherit lib; };
  secrets = import ../lib/secrets.nix { inherit lib; };
  versions = import ../lib/versions.nix {
    inherit lib;
    inherit (import ../packages { inherit pkgs; }) pins;
  };
  option = "services.kafnix.kafka";
  given = key: (cfg.settings.${key} or null) != null;
  brokerId = cfg.settings."broker.id" or null;
  tooNew = lib.versionAtLeast kafnix.versions.kafka "4";
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = brokerId != null && settings.number brokerId >= 0;
        message = "[K301] ${option}.settings.\"broker.id\" is ${
          if brokerId == null then "missing" else toString brokerId
        }: give the broker an id from 0 up, so that it stays the same broker when its disks move";
      }
      {
        assertion = !tooNew;
        message = "[K502] Kafka ${kafnix.versions.kafka} cannot use ZooKeeper: 3.9 is the last line that can";
      }
    ]
    ++
      map
        (wanted: {
          assertion = lib.any given wanted.keys;
          message = "[${wanted.code}] ${option}.settings has no ${lib.concatStringsSep " and no " wanted.keys}: say where the broker listens, what it tells clients and which listener brokers use among themselves";
        })
        [
          {
            code = "K305";
            keys = [ "listeners" ];
          }
          {
            code = "K305";
            keys = [ "advertised.listeners" ];
          }
          {
            code = "K303";
            keys = [
              "inter.broker.listener.name"
              "security.inter.broker.protocol"
            ];
          }
        ]
    ++ directories.assertions {
      option = "${option}.settings.\"log.dirs\"";
      paths = settings.directories (cfg.settings."log.dirs" or null);
    }
    ++ secrets.assertions {
      product = "kafka";
      inherit cfg;
      instead = "write it into a file that the user kafka alone can read, and \${directory:/run/secrets/kafka:FILE} in its place, with config.providers";
    }
    ++ lib.optionals (!tooNew) (
      versions.assertions {
        product = "kafka";
        name = "Kafka";
        version = kafnix.versions.kafka;
        inherit (kafnix.versions) jdk;
      }
    );
  };
}

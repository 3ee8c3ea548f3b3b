{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  inherit (lib) mkOption types;
  inherit (config.services.kafnix) versions;
  settings = import ../lib/settings.nix { inherit lib; };
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  pinned = (import ../packages { inherit pkgs; }).kafka;
in
{
  options.services.kafnix.kafka = {
    enable = lib.mkEnableOption "a Kafka broker on this host";

    package = mkOption {
      type = types.package;
      default = pinned.${versions.kafka} or (throw "[K501] Kafka ${versions.kafka} has no pin");
      defaultText = lib.literalMD "the pinned release {option}`services.kafnix.versions.kafka`";
      example = lib.literalExpression "pkgs.apacheKafka_3_9";
      description = "The release to run. Its jars are expected in {file}`libs`.";
    };

    heap = server.heapOption "1g";
    javaOptions = server.javaOptionsOption;
    peers = server.peersOption;

    missingLogDirs = mkOption {
      type = types.enum [
        "serve"
        "wait"
      ];
      default = "serve";
      description = ''
        What a broker does while the disk of one of several log directories is missing. With `serve`
        it runs with those that are there, as Kafka does when a disk fails under it: the replicas on
        the missing one are offline, and come back when the broker is restarted with the disk. With
        `wait` it does not start without all of them. One whose log directories all lie on one file
        system always waits for it.
      '';
    };
    classData = server.classDataOption "kafka";

    bootstrapServer = mkOption {
      type = types.str;
      example = "10.0.0.11:9092";
      description = ''
        Address that the {command}`kafka-*.sh` tools ask on this host when they are given none.
      '';
    };

    settings = settings.option {
      description = ''
        Lines of {file}`server.properties`. A key with dots is one quoted name, `null` drops a
        line that the cluster has set, and a list is joined with what Kafka splits the key at: `;`
        in `super.users`, else commas. What stands in
        {option}`services.kafnix.cluster.kafka.settings` is the default of each line.

        A secret is no value: it is a file on the host, which `''${directory:/run/secrets/kafka:FILE}` names
        (with `config.providers`). One that stands here is refused.

        Kafka takes a key it does not know without a word, since plug-ins have keys of their own.
      '';
      example = {
        "broker.id" = 1;
        listeners = [ "PLAINTEXT://10.0.0.11:9092" ];
        "log.dirs" = [
          "/data/kafka1"
          "/data/kafka2"
        ];
      };
    };

    files = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "File → text of the configuration that the broker reads.";
    };

    place = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "Where the parts of the command line lie.";
    };

    command = mkOption {
      type = types.listOf types.str;
      internal = true;
      readOnly = true;
      description = "The unit's command line.";
    };
  }
  // server.accountOptions {
    name = "kafka";
    id = 441;
  };
}

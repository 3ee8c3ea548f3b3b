# What is Kafka's own: one broker that keeps its metadata in ZooKeeper.
{
  config,
  lib,
  pkgs,
}:
let
  inherit (lib) mkOption types;
  kafnix = config.services.kafnix;
  cfg = kafnix.kafka;
  settings = import ../lib/settings.nix { inherit lib; };
  properties = import ../lib/properties.nix;
  option = "services.kafnix.kafka";
  # Beside the journal and apart from the data: the GC log, which the JVM rotates itself.
  logs = "kafka";
  clientConfig = "kafka/client.properties";

  tool = pkgs.writeShellScript "kafka-tool" (
    import ../lib/kafka-tool.nix {
      inherit (cfg) package;
      inherit (kafnix) jdk;
      server = lib.escapeShellArg cfg.bootstrapServer;
      clientConfig = if cfg.clientSettings == { } then null else "/etc/${clientConfig}";
    }
  );

  brokerId = cfg.settings."broker.id" or null;
  tooNew = lib.versionAtLeast kafnix.versions.kafka "4";
  given = key: (cfg.settings.${key} or null) != null;
  listens = code: keys: {
    assertion = lib.any given keys;
    message = "[${code}] ${option}.settings has no ${lib.concatStringsSep " and no " keys}: say where the broker listens, what it tells clients and which listener brokers use among themselves";
  };
in
{
  product = "kafka";
  title = "Kafka";
  server = "Kafka broker";
  otherPackage = "pkgs.apacheKafka_3_9";
  id = 441;

  # A broker never writes it.
  file = "server.properties";
  directories = [ "log.dirs" ];
  servesWithSome = cfg.missingLogDirs == "serve";

  # of all services in this role
  shared = {
    clusterId = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "-k3qM1TjQdWJvZ0m2m8b_A";
      description = ''
        Id of the Kafka cluster, where it has one already. A broker whose disks or whose ensemble
        name another one does not start. Without it the first broker generates one.
      '';
    };
    settings = settings.option {
      description = "Lines of {file}`server.properties` that all brokers of the cluster share.";
      example."zookeeper.connect" = "10.0.0.11:2181,10.0.0.12:2181,10.0.0.13:2181/peter-kafka";
    };
  };

  options = {
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

    bootstrapServer = mkOption {
      type = types.str;
      example = "10.0.0.11:9092";
      description = ''
        `--bootstrap-server` of the {command}`kafka-*.sh` tools on this host when they are given none.
      '';
    };

    clientSettings = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example."security.protocol" = "SSL";
      description = ''
        Properties of a client that {option}`services.kafnix.kafka.bootstrapServer` takes, where it asks for any:
        {file}`/etc/kafka/client.properties`, which the {command}`kafka-*.sh` tools on this host read when they are
        given none. It names files and holds no secret; root and the user kafka can read those files.
      '';
    };

    settings = settings.option {
      description = ''
        Lines of {file}`server.properties`. A key with dots is one quoted name, `null` drops a
        line that the cluster has set, and a list is joined with what Kafka splits the key at: `;`
        in `super.users`, else commas. What stands in
        {option}`services.kafnix.cluster.kafka.settings` is the default of each line.

        A secret is no value: it is a file on the host, which `''${directory:/run/secrets/kafka:FILE}` names
        (with `config.providers`). A secret that stands here is refused.

        Kafka silently accepts a key that it does not know, since plug-ins have keys of their own.
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
  };

  etc = lib.optionalAttrs (cfg.clientSettings != { }) {
    ${clientConfig}.text = properties.render cfg.clientSettings;
  };

  place.logs = "/var/log/${logs}";
  facts = lib.optionalAttrs (kafnix.cluster.kafka.clusterId != null) {
    cluster-id = kafnix.cluster.kafka.clusterId;
  };

  unit = {
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
  };

  # The client tools of the release for operators, with the broker's JDK, that ask this host's broker
  # unless told otherwise. Which tools a release has is found when this is built, not evaluated.
  tools = pkgs.runCommand "kafka-tools-${kafnix.versions.kafka}" { preferLocalBuild = true; } ''
    mkdir -p $out/bin
    for script in ${cfg.package}/bin/kafka-*.sh; do
      case ''${script##*/} in
        # Starting and stopping is the unit's business; the storage tool formats what it is given.
        kafka-server-* | kafka-storage.sh) ;;
        *) ln -s ${tool} $out/bin/''${script##*/} ;;
      esac
    done
  '';

  secretInstead = "write it into a file that the user kafka alone can read, and \${directory:/run/secrets/kafka:FILE} in its place, with config.providers";
  # One message is enough for a release that has no pin for a reason.
  hasPins = !tooNew;
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
    (listens "K305" [ "listeners" ])
    (listens "K305" [ "advertised.listeners" ])
    (listens "K303" [
      "inter.broker.listener.name"
      "security.inter.broker.protocol"
    ])
  ];
}

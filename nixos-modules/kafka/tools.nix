# The client tools of the release for operators, with the broker's JDK, that ask this host's broker
# unless told otherwise. Which tools a release has is found when this is built, not evaluated.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.kafnix.kafka;

  # One script under the names of all tools.
  tool = pkgs.writeShellScript "kafka-tool" ''
    name=''${0##*/}
    tool=${cfg.package}/bin/$name
    server=${lib.escapeShellArg cfg.bootstrapServer}
    export JAVA_HOME=${config.services.kafnix.jdk}
    # The release's scripts make a folder for logs beside themselves, in the store, unless told.
    export LOG_DIR=''${LOG_DIR-/tmp}

    for argument in "$@"; do
      case $argument in
        --bootstrap* | --broker-list* | --zookeeper* | --authorizer* | --help | --version | -h)
          exec "$tool" "$@" ;;
      esac
    done
    case $name in
      kafka-cluster.sh) # takes its options behind a sub-command
        if [ $# -gt 0 ]; then exec "$tool" "$@" --bootstrap-server "$server"; fi ;;
      kafka-acls.sh | kafka-broker-api-versions.sh | kafka-client-metrics.sh | kafka-configs.sh | \
      kafka-console-consumer.sh | kafka-console-producer.sh | kafka-consumer-groups.sh | \
      kafka-consumer-perf-test.sh | kafka-delegation-tokens.sh | kafka-delete-records.sh | \
      kafka-features.sh | kafka-get-offsets.sh | kafka-leader-election.sh | kafka-log-dirs.sh | \
      kafka-metadata-quorum.sh | kafka-preferred-replica-election.sh | \
      kafka-reassign-partitions.sh | kafka-streams-application-reset.sh | kafka-topics.sh | \
      kafka-transactions.sh | kafka-verifiable-consumer.sh | kafka-verifiable-producer.sh)
        exec "$tool" --bootstrap-server "$server" "$@" ;;
    esac
    exec "$tool" "$@"
  '';

  tools = pkgs.runCommand "kafka-tools-${version}" { preferLocalBuild = true; } ''
    mkdir -p $out/bin
    for script in ${cfg.package}/bin/kafka-*.sh; do
      case ''${script##*/} in
        # Starting and stopping is the unit's business; the storage tool formats what it is given.
        kafka-server-* | kafka-storage.sh) ;;
        *) ln -s ${tool} $out/bin/''${script##*/} ;;
      esac
    done
  '';
  version = config.services.kafnix.versions.kafka;
in
{
  config = lib.mkIf cfg.enable { environment.systemPackages = [ tools ]; };
}

# The one script that stands under the names of all client tools. Text alone, so that it can be
# run where there is no nixpkgs.
{
  package,
  jdk,
  # quoted for the shell
  server,
  # properties of a client that the listener takes, where it needs any; its user and root can read the files in it
  clientConfig ? null,
}:
''
  name=''${0##*/}
  tool=${package}/bin/$name
  server=${server}
  export JAVA_HOME=${jdk}
  # The release's scripts make a folder for logs beside themselves, in the store, unless told.
  export LOG_DIR=''${LOG_DIR-/tmp}

  for argument in "$@"; do
    case $name:$argument in
      kafka-log-dirs.sh:--broker-list* | kafka-reassign-partitions.sh:--broker-list*) ;; # ids, no addresses
      *:--bootstrap* | *:--broker-list* | *:--zookeeper* | *:--authorizer* | *:--help | *:--version | *:-h)
        exec "$tool" "$@" ;;
    esac
  done
  # What names the file of properties, which each family of tools calls otherwise.
  case $name in
    kafka-cluster.sh) option=--config ;;
    kafka-console-consumer.sh | kafka-consumer-perf-test.sh | kafka-verifiable-consumer.sh) option=--consumer.config ;;
    kafka-console-producer.sh | kafka-verifiable-producer.sh) option=--producer.config ;;
    kafka-leader-election.sh | kafka-preferred-replica-election.sh) option=--admin.config ;;
    kafka-streams-application-reset.sh) option=--config-file ;;
    *) option=--command-config ;;
  esac
  config=(${if clientConfig == null then "" else ''"$option" ${clientConfig}''})
  for argument in "$@"; do
    case $argument in
      "$option" | "$option="*) config=() ;;
    esac
  done
  case $name in
    kafka-cluster.sh) # takes its options behind a sub-command
      if [ $# -gt 0 ]; then exec "$tool" "$@" --bootstrap-server "$server" "''${config[@]}"; fi ;;
    kafka-acls.sh | kafka-broker-api-versions.sh | kafka-client-metrics.sh | kafka-configs.sh | \
    kafka-console-consumer.sh | kafka-console-producer.sh | kafka-consumer-groups.sh | \
    kafka-consumer-perf-test.sh | kafka-delegation-tokens.sh | kafka-delete-records.sh | \
    kafka-features.sh | kafka-get-offsets.sh | kafka-leader-election.sh | kafka-log-dirs.sh | \
    kafka-metadata-quorum.sh | kafka-preferred-replica-election.sh | \
    kafka-reassign-partitions.sh | kafka-streams-application-reset.sh | kafka-topics.sh | \
    kafka-transactions.sh | kafka-verifiable-consumer.sh | kafka-verifiable-producer.sh)
      exec "$tool" --bootstrap-server "$server" "''${config[@]}" "$@" ;;
  esac
  exec "$tool" "$@"
''

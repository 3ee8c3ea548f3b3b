# The one script that stands under the names of all client tools. Text alone, so that it can be
# run where there is no nixpkgs.
{
  package,
  jdk,
  # quoted for the shell
  server,
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
''

# What a host is switched to while it runs: a change for its broker, and none for its ZooKeeper server.
{ services.kafnix.kafka.settings."log.retention.hours" = 100; }

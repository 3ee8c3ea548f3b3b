# What a host is switched to while it runs: a change for its broker, and none for its ZooKeeper server.
{ lib, ... }:
{
  services.kafnix.kafka.settings."log.retention.hours" = lib.mkForce 100;
}

# What a host is switched to while it runs: a change for its broker, one for its firewall and one for its kernel, and
# none for its ZooKeeper server.
{ lib, ... }:
{
  services.kafnix.kafka.settings."log.retention.hours" = lib.mkForce 100;
  networking.firewall.allowedTCPPorts = [ 9999 ];
  # of a network of its own, where several hosts have one kernel
  boot.kernel.sysctl."net.ipv4.tcp_keepalive_time" = 600;
}

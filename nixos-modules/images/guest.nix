# What a host is as a guest of another machine: its addresses on one card, small heaps, and disks that are empty.
# The VM to try, and the machines of tests, are made of it.
{
  # the name of the network card that the cluster is on
  card,
}:
{ config, lib, ... }:
let
  inherit (config.services.kafnix) addresses;

  # The host's own values are plain ones: stronger than they, weaker than `mkForce`.
  instead = lib.mkOverride 90;

  # Nothing routes here, so whatever begins like one of the host's addresses is a neighbour. Those of
  # its own subnet more closely: a host in two networks speaks in each with its address there.
  isV6 = lib.hasInfix ":";
  network =
    {
      own,
      subnet,
      wide,
      begin,
    }:
    {
      addresses = map (address: {
        inherit address;
        prefixLength = subnet;
      }) own;
      routes = map (address: {
        inherit address;
        prefixLength = wide;
      }) (lib.unique (map begin own));
    };
in
{
  services.kafnix = {
    zookeeper = {
      heap = instead "256m";
      # its disks are empty, whatever is on those of the host
      state = instead "new";
    };
    kafka.heap = instead "512m";
  };

  # The cards of the machine file are not there, nor is its router.
  networking = {
    interfaces = lib.mkVMOverride {
      ${card} = {
        useDHCP = false;
        ipv4 = network {
          own = lib.filter (address: !isV6 address) addresses;
          subnet = 24;
          wide = 8;
          begin = address: "${lib.head (lib.splitString "." address)}.0.0.0";
        };
        ipv6 = network {
          own = lib.filter isV6 addresses;
          subnet = 64;
          wide = 16;
          begin = address: "${lib.head (lib.splitString ":" address)}::";
        };
      };
    };
    defaultGateway = lib.mkVMOverride null;
    defaultGateway6 = lib.mkVMOverride null;
  };
}

# The units that the servers are started after, and so stopped before, since they hold the addresses that the servers
# bind to: on every kind of network that NixOS makes of a machine file.
{ lib, ... }:
let
  own = [
    "10.0.0.11"
    "fd00::11"
  ];
  configOf =
    machine:
    (lib.nixosSystem {
      modules = [
        ../../nixos-modules
        ../../hosts/kafka01
        {
          services.kafnix.addresses = lib.mkForce own;
          networking.useDHCP = false;
          system.stateVersion = "26.05";
        }
        machine
      ];
    }).config;
  v4 = address: {
    ipv4.addresses = [
      {
        inherit address;
        prefixLength = 24;
      }
    ];
  };
  v6 = address: {
    ipv6.addresses = [
      {
        inherit address;
        prefixLength = 64;
      }
    ];
  };

  # claim: the machine file → the units that hold the addresses
  test =
    claim: machine: expected:
    let
      config = configOf machine;
      inherit (config.systemd) services;
      ofAddresses =
        unit:
        lib.any (begin: lib.hasPrefix begin unit) [
          "network-addresses-"
          "systemd-networkd"
          "wg-quick-"
        ];
      got =
        lib.concatMap
          (role: [
            (lib.filter ofAddresses services.${role}.wants)
            (lib.filter ofAddresses services.${role}.after)
          ])
          [
            "zookeeper"
            "kafka"
          ];
      # a template's instance is no unit of its own
      unknown = lib.filter (
        unit: !services ? ${lib.removeSuffix ".service" unit} && !lib.hasInfix "@" unit
      ) expected;
      online = lib.all (role: lib.elem "network-online.target" services.${role}.after) [
        "zookeeper"
        "kafka"
      ];
    in
    {
      name = "addresses: ${claim}";
      problem =
        if unknown != [ ] then
          "NixOS has no ${toString unknown}"
        else if got != lib.genList (_: expected) 4 then
          "expected ${toString expected}, got ${builtins.toJSON got}"
        else if !online then
          "network-online.target is not waited for"
        else
          null;
    };
in
[
  (test "a card's unit is waited for, of two cards the one with the host's address" {
    networking.interfaces.enp1s0 = v4 "10.0.0.11";
    networking.interfaces.enp2s0 = v4 "10.0.0.12";
  } [ "network-addresses-enp1s0.service" ])
  (test "a bridge and a VLAN on a bond are cards, too, and IPv6 has many spellings"
    {
      networking = {
        bonds.bond0.interfaces = [
          "enp1s0"
          "enp2s0"
        ];
        vlans.servers = {
          id = 7;
          interface = "bond0";
        };
        bridges.br0.interfaces = [ "enp3s0" ];
        interfaces.br0 = v4 "10.0.0.11";
        interfaces.servers = v6 "FD00:0:0::0011";
      };
    }
    [
      "network-addresses-br0.service"
      "network-addresses-servers.service"
    ]
  )
  (test "networkd says when a card of NixOS's options has its addresses" {
    networking.useNetworkd = true;
    networking.interfaces.enp1s0 = v4 "10.0.0.11" // v6 "fd00::11";
  } [ "systemd-networkd-wait-online@enp1s0.service" ])
  (test "networkd says so of a card of its own, where the card has a name" {
    systemd.network = {
      enable = true;
      networks."10-lan" = {
        matchConfig.Name = "lan0";
        address = [ "10.0.0.11/24" ];
      };
      networks."20-others" = {
        matchConfig.Name = "en*";
        addresses = [ { Address = "fd00::11/64"; } ];
      };
    };
  } [ "systemd-networkd-wait-online@lan0.service" ])
  (test "a tunnel of wg-quick is stopped after the servers that it carries" {
    networking.wg-quick.interfaces.wg0 = {
      address = [ "fd00::11/64" ];
      privateKeyFile = "/root/wg0";
    };
  } [ "wg-quick-wg0.service" ])
  (test "an address of DHCP has no unit of its own, and is waited for with the network" {
    networking.interfaces.enp1s0.useDHCP = true;
  } [ ])
]

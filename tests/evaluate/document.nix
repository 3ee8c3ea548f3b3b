# What a machine needs to be a host of a cluster without nixpkgs: host → what kafnix and NixOS make of
# its files. The text behind the store paths it names is in the derivations of `derivations`;
# tests/harness/documents.py looks there. The heaps are small, so that three hosts fit one machine; nothing else differs
# from what is deployed.
{
  nixpkgs ? null,
  cluster ? "repository",
  # a file of tests/evaluate that every host gets, by its name
  change ? null,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib;
  small.services.kafnix = {
    zookeeper.heap = lib.mkForce "256m";
    kafka.heap = lib.mkForce "512m";
  };
  configurations =
    (import ./clusters.nix {
      inherit lib;
      modules = [ small ] ++ lib.optional (change != null) (./. + "/${change}.nix");
      of = system: system;
    }).${cluster};
  servers =
    config:
    lib.filter (name: config.services.kafnix.${name}.enable) [
      "zookeeper"
      "kafka"
    ];
  # What else kafnix has run: services that tell others of the servers, and what brings them their files for TLS.
  beside =
    config:
    lib.filter (name: config.systemd.units ? ${name}) [
      "kafnix-generation.service"
      "kafnix-topics.service"
      "kafnix-tls.service"
    ];
  unit = config: name: {
    inherit (config.systemd.units.${name}) text wantedBy;
  };

  # The one network card of a host in these tests.
  cardOf =
    config:
    let
      cards = lib.filter (card: card.ipv4.addresses ++ card.ipv6.addresses != [ ]) (
        lib.attrValues config.networking.interfaces
      );
    in
    assert lib.assertMsg (lib.length cards == 1)
      "${config.networking.hostName} has ${toString (lib.length cards)} network cards with addresses, and the hosts of these tests have one";
    (lib.head cards).name;
  # What NixOS itself runs for the host's network, firewall and kernel.
  ofSystem = config: [
    "network-addresses-${cardOf config}.service"
    "nftables.service"
    "systemd-sysctl.service"
  ];

  # What stands in /etc/fstab for the declared disks: systemd makes the mount units of it.
  disksOf =
    config: utils:
    lib.mapAttrsToList (
      mountPoint: disk:
      "${disk.device} ${mountPoint} ${disk.fsType} ${lib.concatStringsSep "," disk.options}"
    ) (import ../../nixos-modules/lib/data-disks.nix { inherit lib utils; } config);

  # The tools are links to one script, made by a build from what the release has.
  isTool =
    package:
    lib.any (name: lib.hasPrefix name (package.name or "")) [
      "zkCli.sh"
      "kafka-tools"
    ];

  defined =
    { config, _module, ... }:
    {
      hostName = config.networking.hostName;
      inherit (config.services.kafnix.versions) jdk;
      inherit (config.services.kafnix) addresses;
      card = cardOf config;
      units = lib.genAttrs (
        map (name: "${name}.service") (servers config) ++ beside config ++ ofSystem config
      ) (unit config);
      fstab = disksOf config _module.args.utils;
      # the list of channels has nothing to do with the servers
      tmpfiles = lib.filter (rule: !lib.hasInfix "nix-channels" rule) config.systemd.tmpfiles.rules;
      udev = config.services.udev.extraRules;
      users = lib.genAttrs (servers config) (name: {
        inherit (config.users.users.${name})
          uid
          group
          home
          description
          ;
      });
      groups = lib.genAttrs (servers config) (name: config.users.groups.${name}.gid);
      etc = {
        hosts = lib.concatMapStrings (file: file.text) config.networking.hostFiles;
      }
      // lib.mapAttrs (_: file: if file.text != null then file.text else builtins.readFile file.source) (
        lib.filterAttrs (
          name: _:
          lib.hasPrefix "kafnix/" name
          || lib.elem name [
            "zookeeper/zoo.cfg"
            "kafka/server.properties"
            "kafka/client.properties"
            "sysctl.d/60-nixos.conf"
          ]
        ) config.environment.etc
      );
      tools = lib.listToAttrs (
        map (package: lib.nameValuePair (lib.getName package) "${package}") (
          lib.filter isTool config.environment.systemPackages
        )
      );
      # what a switch to this host's system runs first, with that system and the verb
      guard = config.system.preSwitchChecks.kafnix or "";
      # what the host's build runs, as one file of text each
      checks = lib.listToAttrs (
        map (check: lib.nameValuePair check.name "${check}") (
          lib.filter (check: lib.hasSuffix "-config-check" (check.name or "")) config.system.checks
        )
      );
    };
  document = lib.mapAttrs (_: defined) configurations;
in
{
  inherit document;
  derivations = lib.attrNames (builtins.getContext (builtins.toJSON document));
}

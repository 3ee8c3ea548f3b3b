# What is on a host beside its servers changes none of them, and what a server is restarted for has another digest.
{ lib, pkgs }:
let
  hostOf =
    change:
    (lib.nixosSystem {
      modules = [
        ../../nixos-modules
        ./machine.nix
        ./right-host.nix
        {
          networking.hostName = "right";
          nixpkgs.hostPlatform = "x86_64-linux";
          services.kafnix.tools = {
            package = lib.mkDefault (pkgs.writeShellScriptBin "kafnix" "one");
            spec = lib.mkDefault ../../cluster.json;
            lock = lib.mkDefault ../../hosts/lock.json;
            generated = lib.mkDefault "one";
          };
        }
        change
      ];
    }).config;
  right = hostOf { };
  textOf = config: role: config.systemd.units."${role}.service".text;
  same =
    config:
    map (role: textOf config role == textOf right role) [
      "zookeeper"
      "kafka"
    ];
  generation = config: builtins.fromJSON config.environment.etc."kafnix/generation.json".text;
  digests = config: lib.attrValues (generation config).services;
  plain = builtins.unsafeDiscardStringContext;

  others = hostOf {
    services.kafnix.tools = {
      package = pkgs.writeShellScriptBin "kafnix" "other";
      spec = ../specs/ipv6/cluster.json;
      lock = ../specs/ipv6/hosts/lock.json;
      generated = "other";
    };
  };
  changed = hostOf { services.kafnix.kafka.settings."num.partitions" = 7; };
  described = hostOf {
    systemd.services.zookeeper.description = lib.mkForce "another";
    systemd.services.kafka.wantedBy = [ "another.target" ];
  };
  triggered = hostOf { systemd.services.kafka.environment.ANOTHER = "1"; };
  without = hostOf { services.kafnix.tools.enable = false; };
  byHand = hostOf {
    services.kafnix.tools = {
      spec = null;
      lock = null;
      generated = null;
    };
  };
  told = config: config.systemd.services.kafnix-generation;
  upgrading =
    allowReboot:
    hostOf {
      system.autoUpgrade = {
        enable = true;
        inherit allowReboot;
      };
    };
  warnsOfReboots =
    config: lib.any (lib.hasInfix "`system.autoUpgrade.allowReboot` reboots right") config.warnings;
  withoutTopics = hostOf { services.kafnix.tools.createTopics = false; };
  serverOnly = hostOf { services.kafnix.kafka.enable = lib.mkForce false; };
  hasProgram = config: lib.any (package: package.name == "kafnix") config.environment.systemPackages;

  test = name: holds: {
    inherit name;
    problem = if holds then null else "it does not hold";
  };
in
[
  (test "another kafnix, spec and lock leave both servers as they are" (
    same others == [
      true
      true
    ]
  ))
  (test "another kafnix, spec and lock make the host tell the others anew" (
    (told others).restartTriggers != (told right).restartTriggers
    && (told others).serviceConfig.ExecStart != (told right).serviceConfig.ExecStart
  ))
  (test "a setting changes the digest of its server and of no other" (
    same changed == [
      true
      false
    ]
    &&
      (generation changed).services."zookeeper.service" == (generation right).services."zookeeper.service"
    && (generation changed).services."kafka.service" != (generation right).services."kafka.service"
  ))
  (test "what NixOS restarts nothing for changes no digest" (digests described == digests right))
  (test "a variable of its environment changes the digest of a server" (
    (generation triggered).services."kafka.service" != (generation right).services."kafka.service"
  ))
  (test "the process of a server has the digest of its unit in its environment" (
    lib.all
      (
        role:
        lib.hasInfix ''"KAFNIX_UNIT=${(generation right).services."${role}.service"}"'' (
          plain (textOf right role)
        )
      )
      [
        "zookeeper"
        "kafka"
      ]
  ))
  (test "a host has its spec and lock as store paths of their own" (
    lib.all
      (file: lib.hasSuffix (baseNameOf file) (plain "${right.environment.etc."kafnix/${file}".source}"))
      [
        "cluster.json"
        "hosts/lock.json"
      ]
    &&
      right.environment.etc."kafnix/cluster.json".source
      != others.environment.etc."kafnix/cluster.json".source
  ))
  (test "a host tells the others without anybody waiting for it" (
    (told right).serviceConfig.Type == "exec"
    && (told right).after == [ ]
    && (told right).before == [ ]
    &&
      lib.subtractLists (told right).wantedBy [
        "multi-user.target"
        "kafka.service"
        "zookeeper.service"
      ] == [ ]
  ))
  (test "a broker's host creates topics without anybody waiting for it, unless that is turned off" (
    let
      unit = right.systemd.services.kafnix-topics;
    in
    unit.serviceConfig.Type == "exec"
    && unit.serviceConfig.Restart == "on-failure"
    && unit.after == [ ]
    && unit.before == [ ]
    && unit.partOf == [ ]
    && unit.serviceConfig.User == "kafka"
    && unit.restartTriggers != others.systemd.services.kafnix-topics.restartTriggers
    && !withoutTopics.systemd.services ? kafnix-topics
    && withoutTopics.systemd.services ? kafnix-generation
    && !serverOnly.systemd.services ? kafnix-topics
    && serverOnly.systemd.services ? kafnix-generation
  ))
  (test "a host that reboots by itself is warned of" (
    warnsOfReboots (upgrading true) && !warnsOfReboots (upgrading false) && !warnsOfReboots right
  ))
  (test "a host that was put together by hand has the program and tells nothing" (
    hasProgram byHand
    && !byHand.systemd.services ? kafnix-generation
    && (generation byHand).generated == null
    && !byHand.environment.etc ? "kafnix/cluster.json"
  ))
  (test "a host can do without kafnix" (
    hasProgram right
    && !hasProgram without
    && !without.systemd.services ? kafnix-generation
    && !without.environment.etc ? "kafnix/generation.json"
    &&
      same without == [
        true
        true
      ]
  ))
]

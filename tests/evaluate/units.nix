# Promises that the evaluated units, names and users keep, whatever the spec.
{
  lib,
  name,
  hosts,
}:
let
  properties = import ../../nixos-modules/lib/properties.nix;
  settingsLib = import ../../nixos-modules/lib/settings.nix { inherit lib; };

  # claim: holds → bool for every host (or role of one); the test names those where it does not
  test = claim: holds: {
    name = "${name}: ${claim}";
    problem =
      let
        # A host with a failed assertion is named elsewhere, and may lack what is looked at here.
        sound = lib.filterAttrs (_: config: lib.all (a: a.assertion) config.assertions) hosts;
        broken = lib.attrNames (lib.filterAttrs (_: config: !(holds config)) sound);
      in
      if broken == [ ] then null else "not on ${lib.concatStringsSep ", " broken}";
  };

  # A text that names store paths can be searched for others only without its context.
  has = infix: text: lib.hasInfix (plain infix) (plain text);
  plain = builtins.unsafeDiscardStringContext;

  units =
    config:
    lib.optional config.services.kafnix.zookeeper.enable {
      role = "zookeeper";
      cfg = config.services.kafnix.zookeeper;
      unit = config.systemd.services.zookeeper;
      directories = settingsLib.directories config.services.kafnix.zookeeper.settings.dataDir;
    }
    ++ lib.optional config.services.kafnix.kafka.enable {
      role = "kafka";
      cfg = config.services.kafnix.kafka;
      unit = config.systemd.services.kafka;
      directories = settingsLib.directories config.services.kafnix.kafka.settings."log.dirs";
    };
  ofUnits = holds: config: lib.all holds (units config);
  ofKafka =
    holds: config:
    !config.services.kafnix.kafka.enable
    || holds config.systemd.services.kafka config.services.kafnix.kafka.settings;

  # "PLAINTEXT://[fd00::1]:9092" and "fd00::1" alike
  addressOf =
    listener:
    let
      place = lib.last (lib.splitString "://" listener);
      port = lib.last (lib.splitString ":" place);
    in
    lib.removeSuffix ":${port}" place;
  list = value: if builtins.isList value then value else lib.splitString "," value;
  needs =
    unit: unit.requires ++ unit.bindsTo ++ unit.partOf ++ unit.requisite ++ (unit.upholds or [ ]);
in
[
  (test "the heap is the spec's, from the start on" (
    ofUnits (
      { unit, cfg, ... }:
      has ''"-Xms${cfg.heap}" "-Xmx${cfg.heap}"'' unit.serviceConfig.ExecStart
    )
  ))
  (test "a server restarts always, without a limit, except after status 78" (
    ofUnits (
      { unit, ... }:
      unit.serviceConfig.Restart == "always"
      && unit.unitConfig.StartLimitIntervalSec == 0
      && unit.serviceConfig.RestartPreventExitStatus == 78
    )
  ))
  (test "the journal calls a server by its name" (
    ofUnits ({ role, unit, ... }: unit.serviceConfig.SyslogIdentifier == role)
  ))
  (test "a server waits for the mounts of its directories and may write nowhere else" (
    ofUnits (
      { unit, directories, ... }:
      lib.all (
        directory:
        lib.elem directory unit.unitConfig.RequiresMountsFor
        # with `-`, since a fresh host's unit makes its directories itself
        && lib.elem "-${directory}" unit.serviceConfig.ReadWritePaths
      ) directories
      && unit.serviceConfig.ProtectSystem == "strict"
    )
  ))
  (test "a disk that comes late starts the server, with its device and with its mount" (
    ofUnits (
      { unit, directories, ... }:
      lib.all (
        directory:
        !lib.hasPrefix "/data/" directory
        || lib.all (disk: lib.elem disk unit.wantedBy) [
          "data.mount"
          "dev-disk-by\\x2dlabel-data.device"
        ]
      ) directories
    )
  ))
  (test "the JVM sees which file systems are mounted" (
    ofUnits ({ unit, ... }: unit.serviceConfig.ProcSubset or "all" == "all")
  ))
  (test "the JVM is of the wanted major version and gets no flag that JDK 8 dies on" (
    config:
    ofUnits (
      { unit, ... }:
      has "${config.services.kafnix.jdk}/bin/java" unit.serviceConfig.ExecStart
      && !has "-Xlog" unit.serviceConfig.ExecStart
      && !has "Archive" unit.serviceConfig.ExecStart
    ) config
    && settingsLib.jdkMajor config.services.kafnix.jdk == config.services.kafnix.versions.jdk
  ))
  (test "a broker starts after ZooKeeper and never needs it" (
    config:
    ofKafka (
      unit: _:
      needs unit == [ ]
      && config.services.kafnix.zookeeper.enable == lib.elem "zookeeper.service" unit.after
    ) config
  ))
  (test "a broker's pause before a restart is longer than its session" (
    ofKafka (
      unit: settings:
      unit.serviceConfig.RestartSec * 1000
      > settingsLib.number (settings."zookeeper.session.timeout.ms" or 18000)
    )
  ))
  (test "a broker's listeners are bound to addresses, not to the host's own name" (
    config:
    ofKafka (
      _: settings:
      lib.all (listener: addressOf listener != config.networking.hostName) (list settings.listeners)
    ) config
  ))
  (test "a ZooKeeper server binds to addresses, not to the host's own name" (
    config:
    let
      cfg = config.services.kafnix.zookeeper;
      server = properties.valueText cfg.settings."server.${toString cfg.id}";
    in
    !cfg.enable
    || (
      !lib.hasPrefix "${config.networking.hostName}:" server
      && (cfg.settings.clientPortAddress or "") != config.networking.hostName
    )
  ))
  (test "the host's own name is on no loopback address" (
    config:
    lib.all (address: (config.networking.hosts.${address} or [ ]) == [ ]) [
      "127.0.0.2"
      "::1"
    ]
    && lib.any (lib.elem config.networking.hostName) (lib.attrValues config.networking.hosts)
  ))
  (test "the servers' users have fixed ids and are not root" (
    config:
    ofUnits (
      { role, unit, ... }:
      unit.serviceConfig.User == role
      && config.users.users.${role}.uid >= 400
      && config.users.users.${role}.uid < 1000
      && config.users.groups.${role}.gid == config.users.users.${role}.uid
    ) config
  ))
]

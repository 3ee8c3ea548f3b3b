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

  # as systemd names the unit of a path
  escaped = path: lib.replaceStrings [ "-" "/" ] [ "\\x2d" "-" ] (lib.removePrefix "/" path);

  # A text that names store paths can be searched for others only without its context.
  has = infix: text: lib.hasInfix (plain infix) (plain text);
  plain = builtins.unsafeDiscardStringContext;

  units =
    config:
    lib.optional config.services.kafnix.zookeeper.enable {
      role = "zookeeper";
      cfg = config.services.kafnix.zookeeper;
      unit = config.systemd.services.zookeeper;
      directories =
        settingsLib.directories config.services.kafnix.zookeeper.settings.dataDir
        ++ settingsLib.directories (config.services.kafnix.zookeeper.settings.dataLogDir or null);
    }
    ++ lib.optional config.services.kafnix.kafka.enable {
      role = "kafka";
      cfg = config.services.kafnix.kafka;
      unit = config.systemd.services.kafka;
      directories = settingsLib.directories config.services.kafnix.kafka.settings."log.dirs";
    };
  major = config: lib.toInt config.services.kafnix.versions.jdk;
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
      has ''"--heap=${cfg.heap}"'' unit.serviceConfig.ExecStart
    )
  ))
  (test "a server is started after the unit that gives its host the address, and stopped before it" (
    ofUnits (
      { unit, ... }:
      lib.any (lib.hasPrefix "network-addresses-") unit.wants
      && lib.all (wanted: lib.elem wanted unit.after) unit.wants
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
  (test
    "a server waits for the mounts of its directories, or serves with some, and may write nowhere else"
    (
      ofUnits (
        {
          role,
          cfg,
          unit,
          directories,
        }:
        let
          servesWithSome =
            role == "kafka" && cfg.missingLogDirs == "serve" && lib.any (lib.hasSuffix ".mount") unit.wants;
        in
        lib.all (
          directory:
          (servesWithSome || lib.elem directory unit.unitConfig.RequiresMountsFor)
          # with `-`, since a fresh host's unit makes its directories itself
          && lib.elem "-${directory}" unit.serviceConfig.ReadWritePaths
        ) directories
        && unit.serviceConfig.ProtectSystem == "strict"
      )
    )
  )
  (test "a disk that comes late starts the server, with its device and with its mount" (
    config:
    ofUnits (
      { unit, directories, ... }:
      let
        disks = lib.filter (
          disk: disk.mountPoint != "/" && lib.any (lib.hasPrefix "${disk.mountPoint}/") directories
        ) (lib.attrValues config.fileSystems);
      in
      lib.all (
        disk:
        lib.elem "${escaped disk.mountPoint}.mount" unit.wantedBy
        && lib.elem "${escaped disk.device}.device" unit.wantedBy
      ) disks
      && (disks != [ ] || !lib.any (lib.hasPrefix "/data/") directories)
    ) config
  ))
  (test "the JVM sees which file systems are mounted" (
    ofUnits ({ unit, ... }: unit.serviceConfig.ProcSubset or "all" == "all")
  ))
  (test "the JVM is of the wanted major version" (
    config:
    ofUnits (
      { unit, ... }:
      has ''"--java=${config.services.kafnix.jdk}/bin/java" "--jdk=${config.services.kafnix.versions.jdk}"'' unit.serviceConfig.ExecStart
    ) config
    && settingsLib.jdkMajor config.services.kafnix.jdk == config.services.kafnix.versions.jdk
  ))
  (test "a broker writes its GC log where it may" (
    ofUnits (
      {
        role,
        cfg,
        unit,
        ...
      }:
      has "--logs=" unit.serviceConfig.ExecStart == (role == "kafka")
      && (
        role != "kafka"
        || (
          cfg.place.logs == "/var/log/${unit.serviceConfig.LogsDirectory}"
          && has ''"--logs=${cfg.place.logs}"'' unit.serviceConfig.ExecStart
        )
      )
    )
  ))
  (test "a launcher is told of a class-data archive where the JDK takes one" (
    config:
    ofUnits (
      { cfg, unit, ... }:
      let
        isWith = major config >= 13;
      in
      (cfg.classData != null) == isWith
      && has "--class-data=" unit.serviceConfig.ExecStart == isWith
      && (!isWith || has ''"--class-data=${cfg.classData}/java-arguments"'' unit.serviceConfig.ExecStart)
    ) config
  ))
  (test "the build of a host lets each server read the configuration that it gets" (
    config:
    let
      checks = lib.filter (check: has "-config-check" check.name) config.system.checks;
    in
    ofUnits (
      { role, cfg, ... }:
      let
        own = lib.filter (check: check.name == "${role}-config-check") checks;
      in
      lib.length own == 1
      && has cfg.place.config (lib.head own).buildCommand
      && has "${cfg.package}/" (lib.head own).buildCommand
    ) config
  ))
  (test "a broker starts after ZooKeeper and never needs it" (
    config:
    ofKafka (
      unit: _:
      needs unit == [ ]
      && config.services.kafnix.zookeeper.enable == lib.elem "zookeeper.service" unit.after
    ) config
  ))
  (test "a unit is up when its launcher says so, however long that takes" (
    ofUnits (
      { unit, ... }:
      unit.serviceConfig.Type == "notify"
      && unit.serviceConfig.NotifyAccess == "main"
      && unit.serviceConfig.TimeoutStartSec == "infinity"
      && lib.elem "AF_UNIX" unit.serviceConfig.RestrictAddressFamilies
      && !unit.serviceConfig ? ExecStartPost
      && !unit.serviceConfig ? ExecStop
    )
  ))
  (test "the launcher is the main process" (
    config:
    ofUnits (
      { role, unit, ... }:
      lib.hasPrefix (plain ''"${config.services.kafnix.launcher}/bin/kafnix-launch" "${role}" '') (
        plain unit.serviceConfig.ExecStart
      )
    ) config
  ))
  (test "a server comes back at once, since its launcher waits for what it must wait for" (
    ofUnits ({ unit, ... }: unit.serviceConfig.RestartSec <= 5)
  ))
  (test "a stop takes as long as it needs, and is no failure" (
    ofUnits (
      { role, unit, ... }:
      unit.serviceConfig.SuccessExitStatus == 143
      && unit.serviceConfig.KillMode == "mixed"
      && unit.serviceConfig.TimeoutStopSec >= (if role == "kafka" then 600 else 120)
    )
  ))
  (test "what a ZooKeeper server's launcher remembers lies beside the data" (
    ofUnits (
      {
        role,
        cfg,
        unit,
        directories,
      }:
      role != "zookeeper"
      || (
        cfg.place.memory == "/var/lib/${unit.serviceConfig.StateDirectory}"
        && lib.all (directory: !lib.hasPrefix "${directory}/" "${cfg.place.memory}/") directories
        && has ''"--memory=${cfg.place.memory}"'' unit.serviceConfig.ExecStart
      )
    )
  ))
  (test "a launcher is told the release, with which a ZooKeeper server does not vote on an empty disk"
    (
      config:
      ofUnits (
        { role, unit, ... }:
        has ''"--release=${config.services.kafnix.versions.${role}}"'' unit.serviceConfig.ExecStart
      ) config
    )
  )
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
    lib.all (address: !lib.elem config.networking.hostName (config.networking.hosts.${address} or [ ]))
      [
        "127.0.0.1"
        "127.0.0.2"
        "::1"
      ]
    && lib.any (lib.elem config.networking.hostName) (lib.attrValues config.networking.hosts)
  ))
  (test "a port that is not for everybody is opened to addresses only" (
    config:
    let
      inherit (config.services.kafnix.firewall) openings;
      rules = lib.splitString "\n" config.networking.firewall.extraInputRules;
      ofPort = port: lib.filter (lib.hasInfix "tcp dport ${toString port} ") rules;
      closed = { port, ... }: lib.all (other: other.port != port || other.from != null) openings;
    in
    lib.all (opening: lib.all (lib.hasInfix " saddr ") (ofPort opening.port)) (
      lib.filter closed openings
    )
  ))
  (test "a broker may map as many files as it needs" (
    config: config.boot.kernel.sysctl."vm.max_map_count" >= 262144
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

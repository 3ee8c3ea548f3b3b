# What the units of both roles have in common: the life of one launcher, with the JVM as its child, that
# owns a few directories.
# It must not know which product runs.
{
  config,
  lib,
  pkgs,
  utils,
}:
let
  disks = import ./disks.nix { inherit config lib utils; };
  addresses = import ./addresses.nix { inherit config lib; };
  # What is gone with the unit, where its JVM may map what it unpacks.
  runtimeOf = name: "/run/${name}";
  ownDirectories = pkgs.writeShellScript "own-directories" (
    import ./own-directories.nix {
      install = "${pkgs.coreutils}/bin/install";
      mountpoint = "${pkgs.util-linux}/bin/mountpoint";
    }
  );
  groups = import ./groups.nix {
    inherit lib;
    inherit (config.services.kafnix.cluster) groups;
  };
  inherit (config.services.kafnix) tuning;
  # What a server may do and use, and whom it may talk to.
  sandbox =
    peers:
    import ./hardening.nix
    // lib.filterAttrs (_: value: value != null) {
      LimitNOFILE = tuning.maxOpenFiles;
      LimitNPROC = tuning.maxProcesses;
      TasksMax = tuning.maxProcesses;
      OOMScoreAdjust = tuning.oomScoreAdjust;
    }
    // lib.optionalAttrs (peers != null) {
      IPAddressDeny = "any";
      # Sorted, each once: groups and networks may name the same. What runs on the host itself comes from its
      # own addresses.
      IPAddressAllow = [
        "localhost"
      ]
      ++ lib.attrNames (
        lib.genAttrs (config.services.kafnix.addresses ++ lib.concatMap groups.addressesOf peers) (_: null)
      );
    };
  # As one word of a unit setting, where `%` opens a specifier and a blank ends a word.
  word =
    path:
    if builtins.match "[A-Za-z0-9/._-]+" path != null then
      path
    else
      lib.replaceStrings [ "%" ] [ "%%" ] (builtins.toJSON path);
in
{
  unit =
    {
      name,
      user,
      group,
      directories,
      command,
      # what may talk to it, or null
      peers,
      # whether it serves with those of its directories that are there
      servesWithSome ? false,
    }:
    let
      needsAll = !servesWithSome || !disks.onSeveral directories;
      # What is started after its addresses is stopped before them. Who brings an address of DHCP stands
      # before network-online.target.
      # Of the disks WantsMountsFor= would say it, from systemd 256 on.
      wanted = [
        "network-online.target"
      ]
      ++ addresses
      ++ lib.optionals (!needsAll) (disks.mountsOf directories);
    in
    {
      wants = wanted;
      after = wanted;
      # A start that failed because a disk was missing is not tried again by `Restart=`, and nothing
      # mounts a disk that comes late: its device starts the unit, and that needs the mount. A disk
      # that is mounted by hand starts it, too.
      wantedBy = [ "multi-user.target" ] ++ disks.unitsOf directories;
      # One restart at the end of a switch, in place of a stop early in it: a shorter absence.
      stopIfChanged = false;
      unitConfig = lib.optionalAttrs needsAll { RequiresMountsFor = map word directories; } // {
        # There is not a number of failures after which a server should stay down.
        StartLimitIntervalSec = 0;
      };
      serviceConfig = sandbox peers // {
        # The launcher says when its server serves, and what it waits for until then. That may take
        # as long as the recovery of its logs; its status line tells.
        Type = "notify";
        NotifyAccess = "main";
        TimeoutStartSec = "infinity";
        User = user;
        Group = group;
        # After the mounts: tmpfiles would give away the directories under them.
        ExecStartPre = "+${
          utils.escapeSystemdExecArgs (
            [
              "${ownDirectories}"
              user
              group
            ]
            ++ lib.concatMap (directory: [
              (disks.mountPointOf directory)
              directory
            ]) directories
          )
        }";
        ExecStart = utils.escapeSystemdExecArgs command;
        # `-`: the step above makes the directories, and systemd lays out the sandbox for it, too.
        # One that is missing would end it with status 226.
        ReadWritePaths = map (directory: word "-${directory}") directories;
        RuntimeDirectory = name;
        RuntimeDirectoryMode = "0700";
        ExecPaths = [ (runtimeOf name) ];
        Restart = "always";
        # A pause against a log full of starts. What a start has to wait for, the launcher waits for.
        RestartSec = 2;
        # EX_CONFIG: only a person can put this right.
        RestartPreventExitStatus = 78;
        # What a JVM ends with on SIGTERM, once its shutdown hooks have run, and the launcher with it.
        SuccessExitStatus = 143;
        # The launcher alone is asked to stop and passes it on; what is left when it has ended is killed.
        KillMode = "mixed";
        # Else the journal calls every server by the launcher's name.
        SyslogIdentifier = name;
      };
    };

  inherit runtimeOf;

  account =
    { name, cfg }:
    {
      users.users.${name} = {
        inherit (cfg) uid;
        group = name;
        isSystemUser = true;
        description = "runs ${name}.service";
      };
      users.groups.${name} = { inherit (cfg) gid; };
    };

  accountOptions =
    {
      name,
      id,
    }:
    let
      option =
        what:
        lib.mkOption {
          type = lib.types.ints.between 1 65533;
          default = id;
          description = ''
            ${what} of ${name}. It is fixed, so that a host which is installed anew finds the
            disks it kept owned by the right user; NixOS gives the numbers that nobody fixes from
            999 downwards, and its table of known ones has none between 400 and 999.
          '';
        };
    in
    {
      uid = option "User id";
      gid = option "Group id";
    };

  heapOption =
    default:
    lib.mkOption {
      type = lib.types.strMatching "[1-9][0-9]*[kKmMgG]?";
      inherit default;
      example = "4g";
      description = ''
        Size of the JVM's heap, for both `-Xms` and `-Xmx`: a heap that never grows is there when
        it is needed. Left alone, a JVM takes up to a quarter of the machine.
      '';
    };

  peersOption = lib.mkOption {
    type = lib.types.nullOr (lib.types.listOf lib.types.str);
    default = null;
    example = [
      "ensemble"
      "brokers"
      "10.9.0.0/24"
    ];
    description = ''
      All that the server may talk to, as names of {option}`services.kafnix.cluster.groups`,
      addresses and networks: the unit gets `IPAddressDeny=any`, with `IPAddressAllow=` of these, of
      the host's own addresses and of loopback. That knows no ports; it holds where the firewall is off, too, and for connections
      that the server itself opens. `null` for everybody, as it must be where a listener is open to
      all.

      The server still finds names: NixOS looks them up through nscd's UNIX socket, or at a stub on
      loopback. Where a host asks a name server of the network directly, that one must stand here.
    '';
  };

  # What the build of the host must get through.
  configCheck =
    server:
    let
      inherit (config.services.kafnix) checkConfig jdk;
      check = (import ../packages { inherit pkgs; }).configCheck (server // { inherit jdk; });
    in
    lib.optional (checkConfig && check != null) check;

  # Of any server's place: where the parts of its command line lie.
  placeOf =
    { name, cfg }:
    {
      java = "${config.services.kafnix.jdk}/bin/java";
      install = "${cfg.package}";
      runtime = runtimeOf name;
    };

  # What the launcher is told of any server, beside its own.
  commandOf =
    {
      role,
      cfg,
      facts,
      systemProperties ? { },
    }:
    import ./command.nix { inherit lib; } {
      launcher = "${config.services.kafnix.launcher}/bin/kafnix-launch";
      inherit role systemProperties;
      inherit (cfg) javaOptions;
      facts =
        cfg.place
        // {
          cluster = config.services.kafnix.cluster.name;
          inherit (cfg) heap;
          inherit (config.services.kafnix.versions) jdk;
        }
        // lib.optionalAttrs (cfg.classData != null) { class-data = "${cfg.classData}/java-arguments"; }
        // facts;
    };

  classDataOption =
    product:
    lib.mkOption {
      type = with lib.types; nullOr (either package path);
      default = (import ../packages { inherit pkgs; }).classData {
        inherit product;
        version = config.services.kafnix.versions.${product};
        inherit (config.services.kafnix.${product}) package;
        inherit (config.services.kafnix) launcher jdk;
        major = config.services.kafnix.versions.jdk;
      };
      defaultText = lib.literalMD "made from the release with this host's JDK, from JDK 13 on; else `null`";
      example = null;
      description = ''
        Class-data archive, with which the JVM need not read and check its classes one by one: the server
        starts in about two thirds of the time (seen with JDK 17: ZooKeeper 3.9.5 in 1.5 s in place of 2.3 s,
        Kafka 3.9.2 in 4.0 s in place of 6.6 s). It is a folder that holds an argument file
        {file}`java-arguments`, which names the archive and the class path that it was made for, and it
        takes some 30 MB of the store for ZooKeeper and 60 MB for Kafka. Building it starts the server
        on a loopback address for a moment. It fits one build of one JDK and the flags that kafnix gives;
        where {option}`services.kafnix.${product}.javaOptions` choose another collector, or the heap has
        32 GB and more, the JVM may pass over it and starts as it does without. `null` does without: for a
        builder on which no server can be started, or for a system that must be the same bit by bit
        wherever it is built, which the archive is not. A host that is built on another platform has
        none by default, since its JDK does not run there.
      '';
    };

  javaOptionsOption = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    example = [ "-XX:MaxDirectMemorySize=1g" ];
    description = "Further arguments of the JVM, behind those that kafnix gives.";
  };
}

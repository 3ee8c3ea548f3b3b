# What the units of both roles have in common: the life of one JVM that owns a few directories.
# It must not know which product runs.
{
  config,
  lib,
  pkgs,
  utils,
}:
let
  # File systems that hold one of these directories. The root is always there.
  fileSystemsOf =
    directories:
    lib.filter (
      { mountPoint, ... }:
      mountPoint != "/" && lib.any (directory: lib.hasPrefix "${mountPoint}/" "${directory}/") directories
    ) (lib.attrValues config.fileSystems);
  # The units that come with a file system's disk: its mount, and its device where it has one.
  diskUnits =
    {
      mountPoint,
      device,
      label,
      ...
    }:
    let
      path =
        if device != null then
          device
        else if label != null then
          "/dev/disk/by-label/${label}"
        else
          "";
    in
    [ "${utils.escapeSystemdPath mountPoint}.mount" ]
    ++ lib.optional (lib.hasPrefix "/dev/" path) "${utils.escapeSystemdPath path}.device";
  # As one word of a unit setting, where `%` opens a specifier and a blank ends a word.
  word =
    path:
    if builtins.match "[A-Za-z0-9/._-]+" path != null then
      path
    else
      lib.replaceStrings [ "%" ] [ "%%" ] (builtins.toJSON path);
in
{
  # Flags that every server's JVM gets. All of them are known to JDK 8 and to what came after.
  javaFlags =
    { name, heap }:
    [
      "-server"
      "-Xms${heap}"
      "-Xmx${heap}"
      "-XX:+UseG1GC"
      # A server without memory is worse than none: systemd starts it anew.
      "-XX:+ExitOnOutOfMemoryError"
      "-Dfile.encoding=UTF-8"
      "-Djava.awt.headless=true"
      # zstd, snappy and lz4 unpack a native library and map it, which /tmp may forbid.
      "-Djava.io.tmpdir=/run/${name}"
      "-Dorg.xerial.snappy.tempdir=/run/${name}"
      "-DZstdTempFolder=/run/${name}"
    ];

  unit =
    {
      name,
      user,
      group,
      directories,
      command,
    }:
    {
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      # A start that failed because a disk was missing is not tried again by `Restart=`, and nothing
      # mounts a disk that comes late: its device starts the unit, and that needs the mount. A disk
      # that is mounted by hand starts it, too.
      wantedBy = [ "multi-user.target" ] ++ lib.concatMap diskUnits (fileSystemsOf directories);
      # One restart at the end of a switch, in place of a stop early in it: a shorter absence.
      stopIfChanged = false;
      unitConfig = {
        RequiresMountsFor = map word directories;
        # There is no number of failures after which a server should stay down.
        StartLimitIntervalSec = 0;
      };
      serviceConfig = import ./hardening.nix // {
        Type = "exec";
        User = user;
        Group = group;
        # The directory itself and nothing below it, after the mount: tmpfiles would give away the
        # directory under the mount, and walking a full disk takes minutes.
        ExecStartPre = "+${
          utils.escapeSystemdExecArgs (
            [
              "${pkgs.coreutils}/bin/install"
              "-d"
              "-m"
              "0750"
              "-o"
              user
              "-g"
              group
            ]
            ++ directories
          )
        }";
        ExecStart = utils.escapeSystemdExecArgs command;
        # `-`: the step above makes the directories, and systemd lays out the sandbox for it, too.
        # One that is missing would end it with status 226.
        ReadWritePaths = map (directory: word "-${directory}") directories;
        RuntimeDirectory = name;
        RuntimeDirectoryMode = "0700";
        ExecPaths = [ "/run/${name}" ];
        Restart = "always";
        # EX_CONFIG: only a person can put this right.
        RestartPreventExitStatus = 78;
        # What a JVM ends with on SIGTERM, once its shutdown hooks have run.
        SuccessExitStatus = 143;
        KillMode = "mixed";
        # Else the journal calls the server by the file that was started first: `java`, or a script's
        # whole name in the store.
        SyslogIdentifier = name;
        TasksMax = 32768;
        LimitNPROC = 32768;
      };
    };

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

  javaOptionsOption = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
    example = [ "-XX:MaxDirectMemorySize=1g" ];
    description = "Further arguments of the JVM, behind those that kafnix gives.";
  };
}

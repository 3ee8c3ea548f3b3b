# The unit of a service: the life of one launcher, with the JVM as its child, that owns a few directories.
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
        User = name;
        Group = name;
        # After the mounts: tmpfiles would give away the directories under them.
        ExecStartPre = "+${
          utils.escapeSystemdExecArgs (
            [
              "${ownDirectories}"
              name
              name
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
}

# The kernel's settings and the limits of a host that runs the servers. Each value has its reason and
# its source in its option, `null` leaves it as it is without kafnix, and what a machine file says
# itself wins.
{
  config,
  lib,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.kafnix.tuning;
  broker = config.services.kafnix.kafka.enable or false;
  server = config.services.kafnix.zookeeper.enable or false;

  option =
    type: default: description:
    mkOption {
      type = types.nullOr type;
      inherit default description;
    };
  # for hosts that are brokers only
  ratio =
    default: description:
    option (types.ints.between 1 100) (if broker && !server then default else null) description
    // {
      defaultText = lib.literalMD "`${toString default}` on a host that is a broker and no ZooKeeper server, else `null`";
    };

  swaps =
    lib.optional (config.swapDevices != [ ]) "swapDevices"
    ++ lib.optional config.zramSwap.enable "zramSwap";
in
{
  options.services.kafnix.tuning = {
    swappiness = option (types.ints.between 0 200) 1 ''
      `vm.swappiness`. The kernel's 60 swaps parts of a heap out to keep more of the page cache, and
      a collection that has to read them back takes seconds, in which a session expires. 1 and not 0:
      with 0 the kernel rather kills a process than swaps at all (kernel manual, admin-guide/sysctl/vm;
      Kafka: The Definitive Guide, chapter 2).
    '';

    maxMapCount = option types.ints.positive null ''
      `vm.max_map_count`, the number of parts of files that one process may map. A broker maps two
      files for each segment of each log, and dies with "Map failed" when it has none left (Kafka's
      documentation, "Hardware and OS"). `null` leaves the 1048576 of NixOS, which is enough for
      half a million segments; a broker with more needs a higher number here.
    '';

    dirtyBackgroundRatio = ratio 5 ''
      `vm.dirty_background_ratio`, in percent of the free memory: from how much unwritten data on the
      kernel writes in the background. The kernel's 10 makes for larger bursts on a host with much
      memory (Kafka: The Definitive Guide, chapter 2). Where ZooKeeper shares the host it is left
      alone: each of its writes waits for its disk, and must not queue behind a burst.
    '';

    dirtyRatio = ratio 80 ''
      `vm.dirty_ratio`, in percent of the free memory: from how much unwritten data on a process that
      writes has to wait until it is on the disk. A broker leaves writing to the kernel and must not
      be stopped by it (Kafka: The Definitive Guide, chapter 2: 60 to 80, with replication as the
      guard against a loss of power). Where ZooKeeper shares the host it is left alone: the
      fsync of each of its writes would wait for all unwritten data.
    '';

    socketBuffers = option types.ints.positive 2097152 ''
      `net.core.rmem_max` and `net.core.wmem_max`, in bytes: the largest buffer that a program may ask
      for, as brokers do (`socket.receive.buffer.bytes`, `replica.socket.receive.buffer.bytes`).
      The kernel's 212992 bounds the speed of one connection over a long way (Kafka's documentation,
      "Hardware and OS", "Socket buffer size"). Where something else on the host asks for more,
      NixOS takes the highest.
    '';

    transparentHugePages =
      option
        (types.enum [
          "always"
          "madvise"
          "never"
        ])
        "madvise"
        ''
          Which memory the kernel makes huge pages of by itself. With `always`, thread stacks of a JVM
          take 2 MiB each (JDK-8303215), and a thread may wait while the kernel moves memory together
          (kernel manual, admin-guide/mm/transhuge). With `madvise` a program has to ask, as a JVM does
          with `-XX:+UseTransparentHugePages`. A switch applies it.
        '';

    maxOpenFiles = option types.ints.positive 1000000 ''
      `LimitNOFILE` of both units. A broker holds every segment of every log and every connection
      open; Kafka's documentation, "Hardware and OS", takes 100000 as a start. `null` leaves
      systemd's limit of 1024, or 524288 for those that raise it, as a JVM does.
    '';

    maxProcesses = option types.ints.positive 32768 ''
      `LimitNPROC` and `TasksMax` of both units, in threads: a JVM that cannot start another thread exits.
      systemd alone allows 15 % of what the machine can hold.
    '';

    oomScoreAdjust = option (types.ints.between (-1000) 1000) (-500) ''
      `OOMScoreAdjust` of both units, from -1000 (never killed) to 1000. When memory runs out, the
      kernel kills the largest process, which on such a host is always the broker. With -500 it
      counts as if it had half of the machine's memory less, and the process that leaks memory is killed instead.
      It is not -1000: if the server leaked memory, all other processes would be killed before it.
    '';

    warnAboutSwap = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether swap space on the host is worth a warning. A server whose heap is swapped out stalls,
        and the others take it for dead (ZooKeeper's administrator's guide, "Things to Avoid"). Turn it
        off where the swap space is wanted, such as on a small test machine.
      '';
    };
  };

  config = lib.mkIf (broker || server) {
    boot.kernel.sysctl =
      lib.mapAttrs (_: value: lib.mkIf (value != null) (lib.mkDefault value)) {
        "vm.swappiness" = cfg.swappiness;
        "vm.dirty_background_ratio" = cfg.dirtyBackgroundRatio;
        "vm.dirty_ratio" = cfg.dirtyRatio;
        "net.core.rmem_max" = cfg.socketBuffers;
        "net.core.wmem_max" = cfg.socketBuffers;
      }
      // {
        # above the default of NixOS, which two `mkDefault` would be at odds about
        "vm.max_map_count" = lib.mkIf (cfg.maxMapCount != null) (lib.mkOverride 900 cfg.maxMapCount);
      };

    systemd.tmpfiles.rules = lib.mkIf (cfg.transparentHugePages != null) [
      "w /sys/kernel/mm/transparent_hugepage/enabled - - - - ${cfg.transparentHugePages}"
    ];

    warnings =
      lib.optional (cfg.warnAboutSwap && swaps != [ ])
        "${lib.concatStringsSep " and " swaps}: this host has swap space, and a server whose heap is swapped out stalls until the others take it for dead. Leave it out, or set services.kafnix.tuning.warnAboutSwap = false where it is wanted";
  };
}

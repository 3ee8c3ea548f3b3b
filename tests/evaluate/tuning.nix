# The kernel's settings and the limits, by role.
{ lib, pkgs }:
let
  evaluate = import ./stub.nix { inherit lib pkgs; };
  hostOf =
    more:
    (evaluate [
      ./right-host.nix
      more
    ]).config;
  sysctl = more: (hostOf more).boot.kernel.sysctl;
  tuning = values: { services.kafnix.tuning = values; };
  brokerOnly.services.kafnix.zookeeper.enable = lib.mkForce false;
  zookeeperOnly.services.kafnix.kafka.enable = lib.mkForce false;
  neither.imports = [
    brokerOnly
    zookeeperOnly
  ];

  is = name: expected: got: {
    name = "tuning: ${name}";
    problem =
      if got == expected then
        null
      else
        "expected ${builtins.toJSON expected}, got ${builtins.toJSON got}";
  };
  limits =
    more: role:
    let
      inherit ((hostOf more).systemd.services.${role}) serviceConfig;
    in
    map (limit: serviceConfig.${limit} or null) [
      "LimitNOFILE"
      "LimitNPROC"
      "TasksMax"
      "OOMScoreAdjust"
    ];
  shared = {
    "net.core.rmem_max" = 2097152;
    "net.core.wmem_max" = 2097152;
    "vm.swappiness" = 1;
  };
in
[
  (is "a host with both servers keeps the kernel's dirty ratios" shared (sysctl { }))
  (is "a ZooKeeper server keeps them, too" shared (sysctl zookeeperOnly))
  (is "a broker alone has its own" (
    shared
    // {
      "vm.dirty_background_ratio" = 5;
      "vm.dirty_ratio" = 80;
    }
  ) (sysctl brokerOnly))
  (is "a host without servers is left alone"
    [
      { }
      { }
      [ ]
    ]
    [
      (sysctl neither)
      (hostOf neither).systemd.services
      (hostOf (neither // { swapDevices = [ { device = "/dev/swap"; } ]; })).warnings
    ]
  )
  (is "null leaves the kernel alone" { } (
    sysctl (tuning {
      swappiness = null;
      socketBuffers = null;
    })
  ))
  (is "a machine file wins" 10 (sysctl { boot.kernel.sysctl."vm.swappiness" = 10; })."vm.swappiness")
  (is "the number of maps is that of NixOS" 1048576
    (sysctl { boot.kernel.sysctl."vm.max_map_count" = lib.mkDefault 1048576; })."vm.max_map_count"
  )
  (is "a number of maps that is asked for is not at odds with that of NixOS" 2000000
    (sysctl {
      imports = [ (tuning { maxMapCount = 2000000; }) ];
      boot.kernel.sysctl."vm.max_map_count" = lib.mkDefault 1048576;
    })."vm.max_map_count"
  )
  (is "huge pages are for those who ask" [
    "w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise"
  ] (hostOf { }).systemd.tmpfiles.rules)
  (is "null leaves huge pages alone" [ ]
    (hostOf (tuning {
      transparentHugePages = null;
    })).systemd.tmpfiles.rules
  )
  (is "both units have the limits"
    [
      [
        1000000
        32768
        32768
        (-500)
      ]
      [
        1000000
        32768
        32768
        (-500)
      ]
    ]
    (
      map (limits { }) [
        "zookeeper"
        "kafka"
      ]
    )
  )
  (is "null leaves the limits to systemd" [ null null null null ] (
    limits (tuning {
      maxOpenFiles = null;
      maxProcesses = null;
      oomScoreAdjust = null;
    }) "kafka"
  ))
  (is "a host without swap space has no warning" [ ] (hostOf { }).warnings)
  (is "swap space is warned of, with the way out" [ true true ] (
    map
      (
        more:
        let
          said = toString (hostOf more).warnings;
        in
        lib.hasInfix "services.kafnix.tuning.warnAboutSwap = false" said
      )
      [
        { swapDevices = [ { device = "/dev/disk/by-label/swap"; } ]; }
        { zramSwap.enable = true; }
      ]
  ))
  (is "swap space that is wanted is not warned of" [ ]
    (hostOf {
      imports = [ (tuning { warnAboutSwap = false; }) ];
      zramSwap.enable = true;
    }).warnings
  )
]

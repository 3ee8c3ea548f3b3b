# What a unit does about the disks of its directories.
{ lib, pkgs }:
let
  evaluate = import ./stub.nix { inherit lib pkgs; };
  # mount point → device, log directories, and what else the host says
  hostOf =
    disks: logDirs: more:
    (evaluate [
      ./right-host.nix
      {
        fileSystems = lib.mapAttrs (mountPoint: device: {
          inherit mountPoint device;
          label = null;
        }) disks;
        services.kafnix.kafka.settings."log.dirs" = lib.mkForce logDirs;
      }
      { services.kafnix = more; }
    ]).config.systemd.services;

  two = {
    "/" = "/dev/disk/by-label/nixos";
    "/d/1" = "/dev/disk/by-uuid/1";
    "/d/2" = "/dev/disk/by-id/2";
  };
  logDirs = [
    "/d/1/kafka"
    "/d/2/kafka"
  ];
  waits = logDirs: unit: unit.unitConfig.RequiresMountsFor or [ ] == logDirs;
  wants =
    mounts: unit: lib.all (mount: lib.elem mount unit.wants && lib.elem mount unit.after) mounts;
  wantsNone = unit: !lib.any (lib.hasSuffix ".mount") (unit.wants ++ unit.after);
  endsIn = words: unit: lib.hasSuffix " ${toString words}" unit.serviceConfig.ExecStartPre;

  test = name: unit: holds: {
    name = "disks: ${name}";
    problem =
      if holds unit then
        null
      else
        builtins.toJSON {
          inherit (unit) wants after unitConfig;
          step = builtins.unsafeDiscardStringContext unit.serviceConfig.ExecStartPre;
        };
  };
in
[
  (test "a broker with several log directories serves with those that are there"
    (hostOf two logDirs { }).kafka
    (
      unit:
      !unit.unitConfig ? RequiresMountsFor
      && wants [
        "-d-1.mount"
        "-d-2.mount"
      ] unit
    )
  )
  (test "a broker that is told to wait needs all of its log directories"
    (hostOf two logDirs { kafka.missingLogDirs = "wait"; }).kafka
    (unit: waits logDirs unit && wantsNone unit)
  )
  (test "a broker whose log directories lie on one disk needs it"
    (hostOf two [
      "/d/1/a"
      "/d/1/b"
    ] { }).kafka
    (
      unit:
      waits [
        "/d/1/a"
        "/d/1/b"
      ] unit
      && wantsNone unit
    )
  )
  (test "a log directory on the root file system serves without the other's disk"
    (hostOf two [
      "/d/1/kafka"
      "/var/lib/kafka"
    ] { }).kafka
    (
      unit:
      wants [ "-d-1.mount" ] unit
      && endsIn [
        "/d/1"
        "/d/1/kafka"
        "/"
        "/var/lib/kafka"
      ] unit
    )
  )
  (test "without declared disks nothing is told apart" (hostOf { } logDirs { }).kafka (waits logDirs))
  (test "of nested mounts the lowest is a directory's own"
    (hostOf (two // { "/d" = "/dev/disk/by-label/d"; }) [
      "/d/1/kafka"
      "/d/3/kafka"
    ] { }).kafka
    (
      unit:
      wants [
        "-d.mount"
        "-d-1.mount"
      ] unit
      && endsIn [
        "/d/1"
        "/d/1/kafka"
        "/d"
        "/d/3/kafka"
      ] unit
    )
  )
  (test "a ZooKeeper server needs all of its disks"
    (hostOf two logDirs {
      zookeeper.settings.dataDir = lib.mkForce "/d/1/zookeeper";
      zookeeper.settings.dataLogDir = "/d/2/zookeeper";
    }).zookeeper
    (
      unit:
      waits [
        "/d/1/zookeeper"
        "/d/2/zookeeper"
      ] unit
      && wantsNone unit
    )
  )
  (test "a disk that comes late starts the broker, with its device and with its mount"
    (hostOf two logDirs { }).kafka
    (
      unit:
      lib.all (disk: lib.elem disk unit.wantedBy) [
        "-d-1.mount"
        "-dev-disk-by-uuid-1.device"
        "-d-2.mount"
        "-dev-disk-by-id-2.device"
      ]
    )
  )
]

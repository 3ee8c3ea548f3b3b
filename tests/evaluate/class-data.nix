# Which hosts have a class-data archive, and what it depends on; which configurations a build checks; and the jars beside
# those of a release.
{ lib, pkgs }:
let
  evaluateWith = pkgs: import ./stub.nix { inherit lib pkgs; };
  # of a host whose JDK is of this version, with these changes
  configOn =
    pkgs: jdk: changes:
    (evaluateWith pkgs [
      {
        # what NixOS would say
        environment.etc = {
          "zookeeper/zoo.cfg".source = "/zoo.cfg";
          "kafka/server.properties".source = "/server.properties";
        };
        services.kafnix = {
          versions = {
            inherit jdk;
            kafka = "3.9.2";
            zookeeper = lib.mkDefault "3.9.5";
          };
          cluster.name = "archives";
          zookeeper = {
            enable = true;
            heap = "1g";
            id = 1;
            settings.dataDir = "/data/zookeeper";
          };
          kafka = {
            enable = true;
            heap = lib.mkDefault "6g";
            settings."log.dirs" = "/data/kafka";
          };
        };
      }
      { services.kafnix = changes; }
    ]).config;
  on =
    pkgs: jdk: changes:
    (configOn pkgs jdk changes).services.kafnix;
  # in no order that matters
  checksOn =
    pkgs: changes:
    lib.sort lib.lessThan (map (check: check.name) (configOn pkgs "17" changes).system.checks);
  roles = [
    "zookeeper"
    "kafka"
  ];
  archives = host: map (role: host.${role}.classData) roles;
  drvs = host: map (archive: archive.drvPath) (archives host);

  elsewhere = pkgs // {
    stdenv = pkgs.stdenv // {
      buildPlatform = pkgs.stdenv.buildPlatform // {
        system = "aarch64-linux";
      };
    };
  };
  bigger = {
    versions.zookeeper = "3.9.4";
    kafka = {
      heap = "8g";
      javaOptions = [ "-Dx=y" ];
    };
  };
  off = on pkgs "17" {
    zookeeper.classData = null;
    kafka.classData = null;
  };
  isPlain =
    role:
    let
      inherit (off.${role}) command package;
    in
    lib.elem "--install=${package}" command && !lib.any (lib.hasPrefix "--class-data") command;

  # A file is itself on the class path, a package with the jars that it has. Those of the cluster stand first.
  jar = builtins.toFile "reporter.jar" "";
  package = pkgs.hello;
  withJars = {
    cluster.kafka.extraJars = [ jar ];
    kafka.extraJars = [ package ];
  };
  classPath = "${jar}:${package}/*:${package}/share/java/*";
  reads =
    product: changes:
    let
      inherit (configOn pkgs "17" changes) system;
      check = lib.findFirst (check: check.name == "${product}-config-check") null system.checks;
      plain = builtins.unsafeDiscardStringContext;
    in
    lib.hasInfix "/*:${plain classPath}:" (plain check.buildCommand);

  test = name: holds: {
    inherit name;
    problem = if holds then null else "it does not hold";
  };
in
[
  (test "a JVM before 13 has no class-data archive" (
    lib.all (jdk: archives (on pkgs jdk { }) == map (_: null) roles) [
      "8"
      "11"
    ]
  ))
  (test "a host that is built where its JDK does not run has no class-data archive" (
    archives (on elsewhere "17" { }) == map (_: null) roles
  ))
  (test "a broker's archive does not depend on the host" (
    lib.last (drvs (on pkgs "17" { })) == lib.last (drvs (on pkgs "17" bigger))
  ))
  (test "an archive depends on the JDK" (drvs (on pkgs "17" { }) != drvs (on pkgs "21" { })))
  (test "a host's build checks the configuration of each server" (
    checksOn pkgs { } == [
      "kafka-config-check"
      "zookeeper-config-check"
    ]
    && checksOn pkgs { kafka.enable = lib.mkForce false; } == [ "zookeeper-config-check" ]
  ))
  (test "a build checks no configuration where that is turned off, or its JDK does not run" (
    checksOn pkgs { checkConfig = false; } == [ ] && checksOn elsewhere { } == [ ]
  ))
  (test "jars of the spec and of a machine file stand behind those of the release" (
    lib.count (word: word == "--extra-jars=${classPath}") (on pkgs "17" withJars).kafka.command == 1
    && !lib.any (lib.hasPrefix "--extra-jars") (on pkgs "17" withJars).zookeeper.command
    && !lib.any (lib.hasPrefix "--extra-jars") (on pkgs "17" { }).kafka.command
  ))
  (test "the archive of a release is the same with further jars" (
    drvs (on pkgs "17" withJars) == drvs (on pkgs "17" { })
  ))
  (test "a host's build checks a configuration with the jars that the server has" (
    reads "kafka" withJars && !reads "zookeeper" withJars
  ))
  (test "without an archive a server has the class path of its release" (lib.all isPlain roles))
]

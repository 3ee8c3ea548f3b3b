# The pinned releases: product → version → package, and what is made of them. The pins stand once, in the
# generator's table.
{ pkgs }:
let
  inherit (pkgs) lib;
  pins = builtins.fromJSON (builtins.readFile ../../generator/pins.json);
  release = pkgs.callPackage ./release.nix { inherit (pins) mirrors; };
  table = lib.importJSON ../../launcher/jvm/servers.json;
  # product → the folder of a release that holds its jars
  jars = lib.genAttrs [ "zookeeper" "kafka" ] (product: table.${product}.jars);
  # Whether a host's programs run where it is built.
  runsHere = pkgs.stdenv.buildPlatform.system == pkgs.stdenv.hostPlatform.system;

  zookeeper = builtins.mapAttrs (
    version: pin:
    release {
      inherit version pin;
      pname = "zookeeper";
      folders = [
        "bin"
        "conf"
        "lib"
      ];
      description = "Service for coordination among the processes of a distributed system";
      homepage = "https://zookeeper.apache.org/";
    }
  ) pins.zookeeper;

  # The server that a broker needs while its archive is made. It leaves no trace there, so that brokers
  # beside different ones have one archive.
  beside =
    jdk:
    let
      fits = lib.filterAttrs (_: pin: lib.elem jdk pin.jdks) pins.zookeeper;
      versions = lib.attrNames (if fits == { } then pins.zookeeper else fits);
      version = lib.last (lib.sort lib.versionOlder versions);
    in
    {
      inherit version;
      package = zookeeper.${version};
    };
in
{
  inherit pins zookeeper jars;
  kafka = builtins.mapAttrs (
    version: pin:
    release {
      inherit version pin;
      pname = "kafka";
      folders = [
        "bin"
        "config"
        "libs"
      ];
      description = "Distributed log of records, in its last releases that keep their metadata in ZooKeeper";
      homepage = "https://kafka.apache.org/";
    }
  ) pins.kafka;

  # Fails where the server's own code refuses its configuration; null where its JDK does not run.
  configCheck =
    {
      product,
      package,
      jdk,
      config,
      # entries of a class path, behind the release's own
      extraJars ? [ ],
      # of a ZooKeeper server
      id ? "",
    }:
    if runsHere then
      pkgs.callPackage ./config-check { } {
        inherit
          product
          jdk
          config
          id
          ;
        classPath = [ "${package}/${jars.${product}}/*" ] ++ extraJars;
      }
    else
      null;

  # The class-data archive of a server; null where its JDK has none, or does not run where it is built.
  classData =
    {
      product,
      version,
      package,
      launcher,
      jdk,
      # major version of the JDK
      major,
    }:
    if lib.toInt major >= table.classData.jdk.from && runsHere then
      pkgs.callPackage ./class-data.nix { } {
        inherit
          product
          launcher
          jdk
          major
          ;
        servers = {
          zookeeper = beside major;
        }
        // {
          ${product} = { inherit version package; };
        };
      }
    else
      null;
}

# How a host starts a server: the launcher and behind it the JVM, from the table that the generator
# reads, too; `generator/src/jvm_command.rs` says what the flags are for. A test compares the two. It must
# not know any flag.
{ lib }:
let
  properties = import ./properties.nix;
  servers = ../../generator/servers;
  table = builtins.fromJSON (builtins.readFile (servers + "/servers.json"));

  fits = version: entry: !(entry ? from) || lib.versionAtLeast version entry.from;
  # majors: { from, before }, each of which may be missing
  knows =
    majors: jdk:
    let
      major = lib.toInt jdk;
    in
    major >= majors.from or major && (!(majors ? before) || major < majors.before);
  hasClassData = knows table.classData.jdk;
  loggingOf = product: version: lib.findFirst (fits version) { } table.${product}.logging;

  jvm =
    {
      product,
      version,
      jdk,
      heap,
      systemProperties,
      javaOptions,
      place,
    }:
    let
      server = table.${product};
      isMeant = entry: fits version entry && knows (entry.jdk or { }) jdk;
      flags = [
        table.jvm
        (lib.concatMap (entry: entry.flags) (lib.filter isMeant server.jvm))
        [ (loggingOf product version).flag ]
      ];
      here =
        lib.replaceStrings
          [ "{heap}" "{runtime}" "{logs}" "{logging}" ]
          [
            heap
            place.runtime
            (place.logs or "")
            (toString place.logging)
          ];
    in
    [ place.java ]
    ++ map here (lib.concatLists flags)
    ++ properties.flags systemProperties
    ++ javaOptions
    ++ (
      if place ? classData && hasClassData jdk then
        [ (lib.replaceStrings [ "{classData}" ] [ place.classData ] table.classData.flag) ]
      else
        [
          "-cp"
          "${place.release}/${server.jars}/*"
        ]
    )
    ++ [
      server.main
      place.config
    ];
in
{
  # whether a class-data archive can be made and used
  inherit hasClassData;

  # the folder of a release that holds its jars
  jars = product: table.${product}.jars;

  # of the JVM alone, without what a host gives it
  java =
    server:
    jvm (
      server
      // {
        systemProperties = { };
        javaOptions = [ ];
      }
    );

  # the logging configuration that a release reads: { name, text }
  logging = product: version: rec {
    name = (loggingOf product version).file;
    text = builtins.readFile (servers + "/${name}");
  };

  # the launcher's own arguments, then those of the JVM
  zookeeper =
    {
      cluster,
      id,
      state,
      version,
      place,
      ...
    }@server:
    [
      place.launcher
      "zookeeper"
      "--cluster=${cluster.name}"
      "--id"
      (toString id)
      "--release"
      version
      "--state"
      state
      "--ensemble"
      (lib.concatStringsSep "," cluster.zookeeper.members)
      "--config"
      place.config
      "--memory"
      place.memory
      "--"
    ]
    ++ jvm {
      product = "zookeeper";
      inherit (server)
        version
        jdk
        heap
        systemProperties
        javaOptions
        place
        ;
    };

  kafka =
    { cluster, place, ... }@server:
    [
      place.launcher
      "kafka"
      "--cluster=${cluster.name}"
    ]
    ++ lib.optional (cluster.kafka.clusterId != null) "--cluster-id=${cluster.kafka.clusterId}"
    ++ [
      "--config"
      place.config
      "--"
    ]
    ++ jvm {
      product = "kafka";
      systemProperties = { };
      inherit (server)
        version
        jdk
        heap
        javaOptions
        place
        ;
    };
}

# The class-data archive of one release on one JDK: its server is started here for a moment, by the
# command line of the units, and what it has loaded is kept in the form in which the JVM maps it.
#
# It is not the same bit by bit each time it is built. The list of a ZooKeeper server's classes is; a
# broker's threads race, and some ten of its 6,200 classes are loaded in one run and not in another. From
# one list JDK 17 writes archives that differ by up to 0.5 % of their bytes, as its own threads come and go.
{
  lib,
  runCommand,
  writeText,
}:
{
  jdk,
  # major version of the JDK
  major,
  # product → { version, package } of each server that is started, the last of which is meant
  servers,
  product,
}:
let
  command = import ../../lib/command.nix { inherit lib; };
  arguments =
    name:
    let
      inherit (servers.${name}) version package;
      logging = command.logging name version;
      words = command.java {
        product = name;
        inherit version;
        jdk = major;
        # What the archive holds does not depend on it, below 32 GB.
        heap = "256m";
        # as `train` has them
        place = {
          java = "${jdk}/bin/java";
          release = "${package}";
          runtime = "runtime";
          logs = "logs";
          config = if name == "kafka" then "server.properties" else "zoo.cfg";
          logging = "${writeText logging.name logging.text}";
          classData = name;
        };
      };
    in
    [
      "${package}/${command.jars name}"
      "${writeText "${name}-command" (lib.concatMapStrings (word: "${word}\n") words)}"
    ];
in
runCommand "${product}-${servers.${product}.version}-class-data"
  {
    meta = {
      description = "Class-data archive of ${product}, for one build of one JDK";
      platforms = lib.platforms.linux;
    };
  }
  ''
    bash ${./train} $out ${
      lib.escapeShellArgs (
        arguments "zookeeper" ++ lib.optionals (product == "kafka") (arguments "kafka")
      )
    }
  ''

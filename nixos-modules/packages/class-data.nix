# The class-data archive of one release on one JDK: the launcher starts its server here for a moment, as the
# units do, and keeps what it has loaded in the form in which the JVM maps it.
#
# It is not the same bit by bit each time it is built. The list of a ZooKeeper server's classes is; a
# broker's threads race, and some ten of its 6,200 classes are loaded in one run and not in another. From
# one list JDK 17 writes archives that differ by up to 0.5 % of their bytes, as its own threads come and go.
{ lib, runCommand }:
{
  launcher,
  jdk,
  # major version of the JDK
  major,
  # product → { version, package } of each server that is started
  servers,
  product,
}:
runCommand "${product}-${servers.${product}.version}-class-data"
  {
    meta = {
      description = "Class-data archive of ${product}, for one build of one JDK";
      platforms = lib.platforms.linux;
    };
  }
  ''
    ${launcher}/bin/kafnix-launch class-data --java=${jdk}/bin/java --jdk=${major} ${
      lib.concatStringsSep " " (
        lib.mapAttrsToList (name: server: "--${name}=${server.version}=${server.package}") servers
      )
    } $out
  ''

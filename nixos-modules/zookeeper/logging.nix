# The logging configuration that a release of ZooKeeper reads: logback from 3.8, log4j before.
{
  lib,
  pkgs,
  version,
}:
if lib.versionAtLeast version "3.8" then
  let
    file = pkgs.writeText "zookeeper-logback.xml" (import ../lib/logback.nix { inherit lib; });
  in
  "-Dlogback.configurationFile=${file}"
else
  let
    file = pkgs.writeText "zookeeper-log4j.properties" (import ../lib/log4j.nix { inherit lib; } { });
  in
  "-Dlog4j.configuration=file:${file}"

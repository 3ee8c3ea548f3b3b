# The pinned releases: product → version → package. The pins stand once, in the generator's table.
{ pkgs }:
let
  pins = builtins.fromJSON (builtins.readFile ../../generator/pins.json);
  release = pkgs.callPackage ./release.nix { inherit (pins) mirrors; };
in
{
  inherit pins;
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
}

# What both roles share: the versions, the JDK, the cluster's own facts and its names in /etc/hosts.
# It is told who the other hosts are and never works that out.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.kafnix;
  enabled = (cfg.zookeeper.enable or false) || (cfg.kafka.enable or false);
  settings = import ./lib/settings.nix { inherit lib; };
in
{
  options.services.kafnix = {
    versions = {
      jdk = mkOption {
        type = types.strMatching "[1-9][0-9]*";
        example = "17";
        description = ''
          Major version of the JDK that runs both servers. Which ones go with which release is
          written in the pins, from the manuals of the products.
        '';
      };
      zookeeper = mkOption {
        type = types.str;
        example = "3.9.5";
        description = "Release of ZooKeeper, one of those that have a pin.";
      };
      kafka = mkOption {
        type = types.str;
        example = "3.9.2";
        description = ''
          Release of Kafka, one of those that have a pin. Kafka 4 has none: it cannot use
          ZooKeeper any more.
        '';
      };
    };

    jdk = mkOption {
      type = types.package;
      default =
        pkgs."jdk${cfg.versions.jdk}_headless"
          or (throw "[K503] nixpkgs has no jdk${cfg.versions.jdk}_headless: set services.kafnix.jdk to a JDK ${cfg.versions.jdk} of your own");
      defaultText = lib.literalMD "`pkgs.jdk<major>_headless` for {option}`services.kafnix.versions.jdk`";
      example = lib.literalExpression "pkgs.temurin-jre-bin-17";
      description = ''
        JDK that runs the servers and the operators' tools. Its major version must be that of
        {option}`services.kafnix.versions.jdk`.
      '';
    };

    cluster = {
      name = mkOption {
        type = types.str;
        example = "peter-kafka";
        description = "Name of the cluster, as it stands in the descriptions of its units.";
      };
      names = mkOption {
        type = types.attrsOf (types.listOf types.str);
        default = { };
        example = {
          "10.0.0.11" = [ "kafka01" ];
          "10.0.0.12" = [ "kafka02" ];
        };
        description = ''
          Address → names of every host of the cluster, for {file}`/etc/hosts`. NixOS by default
          also gives a host's own name to 127.0.0.2 and ::1, so that a server bound to that name
          is out of its peers' reach (nixpkgs issue 57566); these two entries are taken away.
        '';
      };
      zookeeper.settings = settings.option {
        description = "Lines of {file}`zoo.cfg` that all ZooKeeper servers of the cluster share.";
        example = {
          tickTime = 2000;
          "server.1" = "10.0.0.11:2888:3888";
        };
      };
      zookeeper.systemProperties = settings.option {
        description = "System properties that all ZooKeeper servers of the cluster share.";
        example."jute.maxbuffer" = 4194304;
      };
      kafka.settings = settings.option {
        description = "Lines of {file}`server.properties` that all brokers of the cluster share.";
        example."zookeeper.connect" = "10.0.0.11:2181,10.0.0.12:2181,10.0.0.13:2181/peter-kafka";
      };
    };
  };

  config = lib.mkIf enabled {
    networking.hosts = cfg.cluster.names // {
      "127.0.0.2" = lib.mkForce [ ];
      "::1" = lib.mkForce [ ];
    };

    assertions = [
      {
        assertion = settings.jdkMajor cfg.jdk == cfg.versions.jdk;
        message = "[K503] services.kafnix.jdk is a JDK ${settings.jdkMajor cfg.jdk} (version ${cfg.jdk.version}), and services.kafnix.versions.jdk asks for ${cfg.versions.jdk}: give the package of that major version, or change the version in the spec";
      }
    ];
  };
}

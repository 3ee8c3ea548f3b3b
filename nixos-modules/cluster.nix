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
  enabled = lib.any (role: cfg.${role}.enable or false) (lib.attrNames (import ./roles));
  settings = import ./lib/settings.nix { inherit lib; };
in
{
  imports = [
    ./firewall.nix
    ./tls.nix
    ./tools.nix
    ./tuning.nix
  ];

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

    launcher = mkOption {
      type = types.package;
      default = pkgs.callPackage ../nix/kafnix-launch.nix { };
      defaultText = lib.literalMD "{command}`kafnix-launch`, built from this repository";
      example = lib.literalExpression "inputs.kafnix.packages.x86_64-linux.kafnix-launch";
      description = ''
        The program {command}`kafnix-launch`, which is the main process of both units and runs the
        JVM. Another one restarts every server of the host at the next switch.
      '';
    };

    checkConfig = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the build of the host lets each server's own code read its configuration, so that
        one that it would refuse fails the build, before anything is switched. It sees what the
        file says, and not what the host has: key stores and directories are not looked for. A
        host that is built for another platform than the builder's is not checked.
      '';
    };

    addresses = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [
        "10.0.0.11"
        "fd00::11"
      ];
      description = ''
        Addresses of this host in the cluster's networks, as the spec has them. They are not given
        to a network card, which is the machine file's part; a VM to try has them on its own.
      '';
    };

    cluster = {
      name = mkOption {
        type = types.str;
        example = "peter-kafka";
        description = ''
          Name of the cluster. It is written into the data directories, and a directory that names
          another cluster is refused.
        '';
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
          also gives a host's own name to 127.0.0.2, so that a server bound to that name is out of
          its peers' reach (nixpkgs issue 57566); that entry is taken away.
        '';
      };
    }
    # what all services of a role share
    // builtins.mapAttrs (
      name: role:
      (import role { inherit config lib pkgs; }).shared
      // {
        extraJars = mkOption {
          type = types.listOf types.path;
          default = [ ];
          example = lib.literalExpression "[ ../jars/metrics-reporter.jar ]";
          description = ''
            Jars beside those of the release that all servers of the cluster have, as
            {option}`services.kafnix.${name}.extraJars` says.
          '';
        };
      }
    ) (import ./roles);
  };

  config = lib.mkIf enabled {
    networking.hosts = cfg.cluster.names // {
      "127.0.0.2" = lib.mkForce [ ];
    };

    assertions = [
      {
        assertion = settings.jdkMajor cfg.jdk == cfg.versions.jdk;
        message = "[K503] services.kafnix.jdk is a JDK ${settings.jdkMajor cfg.jdk} (version ${cfg.jdk.version}), and services.kafnix.versions.jdk asks for ${cfg.versions.jdk}: give the package of that major version, or change the version in the spec";
      }
    ];
  };
}

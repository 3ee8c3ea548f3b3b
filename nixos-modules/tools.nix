# kafnix on the hosts that it configures: the program with their spec, what a host is configured with, and the service
# that tells the others what it runs. None of it is in the closure of a server: nothing here restarts one.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  kafnix = config.services.kafnix;
  cfg = kafnix.tools;
  unitDigest = import ./lib/unit-digest.nix { inherit lib; };
  roles = lib.filter (role: kafnix.${role}.enable or false) (lib.attrNames (import ./roles));
  servers = map (role: "${role}.service") roles;
  digestOf =
    unit:
    config.systemd.services.${lib.removeSuffix ".service" unit}.environment.${unitDigest.variable};
  etc = config.environment.etc;
  broker = "kafka.service";
  # One that waits for the cluster, and that nobody waits for. When it has ended, each start of these units and each
  # switch starts it again.
  service =
    command: units: more:
    lib.mkMerge [
      {
        # multi-user.target waits for its start job, which is over once the program is executed (`Type=exec`): neither
        # a boot nor a switch waits for what it does.
        wantedBy = [ "multi-user.target" ] ++ units;
        restartTriggers = map (file: etc."kafnix/${file}".source) (
          [
            "generation.json"
            "cluster.json"
          ]
          ++ lib.optional (cfg.lock != null) "hosts/lock.json"
        );
        unitConfig.StartLimitIntervalSec = 0;
        serviceConfig = import ./lib/hardening.nix // {
          Type = "exec";
          Restart = "on-failure";
          RestartSec = 30;
          # The spec has errors: another start would find them again, and a switch starts it anyway.
          RestartPreventExitStatus = 78;
          ExecStart = "${cfg.package}/bin/kafnix host ${command}";
          # Its status line says what it waits for.
          NotifyAccess = "main";
          MemoryDenyWriteExecute = true;
        };
      }
      more
    ];
  # As a store path of its own, which another file of its folder does not change.
  alone = name: path: { source = builtins.path { inherit name path; }; };
in
{
  options.services.kafnix.tools = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether the host has {command}`kafnix`, with its spec and lock in {file}`/etc/kafnix`, so that
        {command}`kafnix verify`, {command}`plan` and {command}`show` work there without an argument, and whether it
        tells the ensemble what it is configured with and what it runs ({file}`kafnix-generation.service`), which
        {command}`kafnix plan` compares. A change of any of it restarts no server.
      '';
    };

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ../nix/kafnix.nix { };
      defaultText = lib.literalMD "{command}`kafnix`, built from this repository";
      example = lib.literalExpression "inputs.kafnix.packages.x86_64-linux.kafnix";
      description = "The program {command}`kafnix`.";
    };

    spec = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "../cluster.json";
      description = ''
        The spec that this host was generated from. {command}`lib.nixosConfigurations` sets it. Without it the host
        has the program alone.
      '';
    };

    lock = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "../hosts/lock.json";
      description = "The lock beside it, which {command}`lib.nixosConfigurations` sets.";
    };

    createTopics = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether a host with a broker creates the topics of the spec that are missing, once all brokers of the spec are
        registered ({file}`kafnix-topics.service`). It does so once for each set of declared topics: one that was
        deleted since does not come back with a boot. It alters and deletes none; {command}`kafnix apply` does more.
      '';
    };

    guard = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether a switch of this host is refused while the cluster could not do without the servers that it restarts, or
        while another host has the turn (`system.preSwitchChecks`). {command}`kafnix guard` says more.
      '';
    };

    generated = mkOption {
      type = types.nullOr types.str;
      default = null;
      internal = true;
      description = "Digest of what was generated for this host.";
    };
  };

  config = lib.mkIf (cfg.enable && servers != [ ]) {
    environment.systemPackages = [ cfg.package ];
    environment.etc = lib.mkMerge [
      {
        "kafnix/generation.json".text = builtins.toJSON {
          host = config.networking.hostName;
          inherit (cfg) generated;
          services = lib.genAttrs servers digestOf;
          versions = lib.genAttrs roles (role: kafnix.versions.${role}) // {
            jdk = kafnix.jdk.version;
          };
        };
      }
      (lib.mkIf (cfg.spec != null) { "kafnix/cluster.json" = alone "cluster.json" cfg.spec; })
      (lib.mkIf (cfg.lock != null) { "kafnix/hosts/lock.json" = alone "lock.json" cfg.lock; })
    ];

    warnings =
      lib.optional (config.system.autoUpgrade.enable && config.system.autoUpgrade.allowReboot)
        "`system.autoUpgrade.allowReboot` reboots ${config.networking.hostName} without asking whether its cluster can do without its servers: turn it off, and use `kafnix rollout restart --reboot`";

    # With the system that the host is switched to, and the verb.
    system.preSwitchChecks.kafnix = lib.mkIf (cfg.guard && cfg.spec != null) ''
      ${cfg.package}/bin/kafnix guard "$1" "$2"
    '';

    systemd.services = lib.mkIf (cfg.spec != null) {
      kafnix-generation = service "publish" servers {
        description = "tells the ensemble of ${kafnix.cluster.name} what this host runs";
        # While it waits, what it has seen may be over.
        partOf = servers;
        serviceConfig = {
          # The environment of a server's process, where its unit's digest stands, is for its user and root alone.
          CapabilityBoundingSet = lib.mkForce [
            "CAP_DAC_READ_SEARCH"
            "CAP_SYS_PTRACE"
          ];
          PrivateUsers = lib.mkForce false;
          ProtectProc = lib.mkForce "default";
        };
      };
      kafnix-topics = lib.mkIf (cfg.createTopics && lib.elem broker servers) (
        service "create-topics" [ broker ] {
          description = "creates the topics of ${kafnix.cluster.name} that are declared and missing";
          serviceConfig = {
            User = "kafka";
            # which topics were created
            StateDirectory = "kafnix";
          };
        }
      );
    };
  };
}

# What is ZooKeeper's own: one server of an ensemble.
{
  config,
  lib,
  pkgs,
}:
let
  inherit (lib) mkOption types;
  kafnix = config.services.kafnix;
  cfg = kafnix.zookeeper;
  settings = import ../lib/settings.nix { inherit lib; };
  properties = import ../lib/properties.nix;
  tables = import ../lib/key-tables.nix;
  option = "services.kafnix.zookeeper";
  # Beside the data's disks, so that an emptied one is known for what it is.
  memory = "kafnix-zookeeper";

  whitelist = "4lw.commands.whitelist";
  given = cfg.settings.${whitelist} or null;
  words = if given == null then tables.zookeeper.defaultOf whitelist else properties.valueText given;
  answered = map lib.trim (lib.splitString "," words);
in
{
  product = "zookeeper";
  title = "ZooKeeper";
  server = "ZooKeeper server";
  otherPackage = "pkgs.zookeeper";
  id = 440;

  # The server rewrites its own configuration only where `reconfigEnabled` is set.
  file = "zoo.cfg";
  files.myid = "${toString cfg.id}\n";
  directories = [
    "dataDir"
    "dataLogDir"
  ];

  # of all services in this role
  shared = {
    members = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [
        "10.0.0.11:2181"
        "10.0.0.12:2181"
        "10.0.0.13:2181"
      ];
      description = ''
        Where clients find each server of the ensemble. A server asks the others there whether a
        majority can be reached, and who leads.
      '';
    };
    settings = settings.option {
      description = "Lines of {file}`zoo.cfg` that all ZooKeeper servers of the cluster share.";
      example = {
        tickTime = 2000;
        "server.1" = "10.0.0.11:2888:3888";
      };
    };
    systemProperties = settings.option {
      description = "System properties that all ZooKeeper servers of the cluster share.";
      example."jute.maxbuffer" = 4194304;
    };
  };

  options = {
    id = mkOption {
      type = types.int;
      example = 1;
      description = ''
        Id of this server in the ensemble, from 1 to 255 (the administrator's guide of ZooKeeper
        says so under `myid`), or the 0 that an older installation has. It is written into the empty data directory; a directory that
        names another id is refused.
      '';
    };

    state = mkOption {
      type = types.enum [
        "new"
        "existing"
      ];
      default = "new";
      example = "existing";
      description = ''
        Whether the ensemble is still to form. With `new` a server with an empty disk may vote,
        unless its host remembers that it was in a quorum before; with `existing` it joins as a
        learner and votes once it has what the others have (ZooKeeper 3.6 and later).
      '';
    };

    server = mkOption {
      type = types.str;
      example = "10.0.0.11:2181";
      description = ''
        Server that {command}`zkCli.sh` connects to on this host when it is given none. Its own default
        is localhost, where this server does not listen.
      '';
    };

    settings = settings.option {
      description = ''
        Lines of {file}`zoo.cfg`. A key with dots is one quoted name, `null` drops a line that the
        cluster has set, and a list is joined with what ZooKeeper splits the key at: `:` in
        `group.N`, else commas. What stands in
        {option}`services.kafnix.cluster.zookeeper.settings` is the default of each line.

        A secret is no value: a key like `ssl.keyStore.passwordPath` names its file on the host. A secret
        that stands here is refused.

        ZooKeeper silently makes a system property of a key that it does not know
        (`QuorumPeerConfig.parseProperties`).
      '';
      example = {
        clientPort = 2181;
        clientPortAddress = "10.0.0.11";
        dataDir = "/data/zookeeper";
        "autopurge.purgeInterval" = 24;
      };
    };

    systemProperties = settings.option {
      description = ''
        Settings that ZooKeeper reads as system properties alone, such as `jute.maxbuffer`: in
        {file}`zoo.cfg` it would become `zookeeper.jute.maxbuffer`, which nothing reads.
      '';
      example."jute.maxbuffer" = 4194304;
    };
  };
  values.systemProperties = lib.mapAttrs (_: lib.mkDefault) kafnix.cluster.zookeeper.systemProperties;

  place.memory = "/var/lib/${memory}";
  facts = {
    ensemble = lib.concatStringsSep "," kafnix.cluster.zookeeper.members;
    id = toString cfg.id;
    inherit (cfg) state;
  };
  checkedId = toString cfg.id;

  unit = {
    description = "ZooKeeper server ${toString cfg.id} of ${kafnix.cluster.name}";
    documentation = [ "https://zookeeper.apache.org/doc/r${kafnix.versions.zookeeper}/" ];
    serviceConfig = {
      StateDirectory = memory;
      StateDirectoryMode = "0750";
      TimeoutStopSec = 120;
    };
  };

  # zkCli.sh for operators, with the server's JDK, that asks this host's server unless told otherwise.
  tools = pkgs.writeShellScriptBin "zkCli.sh" (
    import ../lib/zk-cli.nix {
      inherit (cfg) package;
      inherit (kafnix) jdk;
      server = lib.escapeShellArg cfg.server;
    }
  );

  secretInstead = "write it into a file that the user zookeeper alone can read, and the file's path under the key that ends with Path (ZooKeeper 3.8 and later)";
  assertions = [
    {
      assertion = cfg.id >= 0 && cfg.id <= 255;
      message = "[K201] ${option}.id is ${toString cfg.id}: a server's id is from 0 to 255";
    }
    {
      assertion = (cfg.settings."server.${toString cfg.id}" or null) != null;
      message = "[K213] ${option}.settings has no \"server.${toString cfg.id}\": add this server to zookeeper.hosts in the spec, or give it the id that it has there";
    }
    {
      assertion = lib.elem "srvr" answered || lib.elem "*" answered;
      message = "[K215] ${option}.settings.\"${whitelist}\" is ${words}: name srvr, too, which the launcher asks";
    }
  ];
}

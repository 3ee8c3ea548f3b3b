{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  inherit (lib) mkOption types;
  inherit (config.services.kafnix) versions;
  settings = import ../lib/settings.nix { inherit lib; };
  server = import ../lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  pinned = (import ../packages { inherit pkgs; }).zookeeper;
in
{
  options.services.kafnix.zookeeper = {
    enable = lib.mkEnableOption "a ZooKeeper server on this host";

    package = mkOption {
      type = types.package;
      default =
        pinned.${versions.zookeeper} or (throw "[K501] ZooKeeper ${versions.zookeeper} has no pin");
      defaultText = lib.literalMD "the pinned release {option}`services.kafnix.versions.zookeeper`";
      example = lib.literalExpression "pkgs.zookeeper";
      description = "The release to run. Its jars are expected in {file}`lib`.";
    };

    id = mkOption {
      type = types.int;
      example = 1;
      description = ''
        Id of this server in the ensemble, from 1 to 255 (the administrator's guide of ZooKeeper
        says so under `myid`). It is written into the empty data directory; a directory that
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

    heap = server.heapOption "1g";
    javaOptions = server.javaOptionsOption;
    peers = server.peersOption;
    classData = server.classDataOption "zookeeper";

    server = mkOption {
      type = types.str;
      example = "10.0.0.11:2181";
      description = ''
        Address that {command}`zkCli.sh` asks on this host when it is given none. By itself it
        asks localhost, where this server does not listen.
      '';
    };

    settings = settings.option {
      description = ''
        Lines of {file}`zoo.cfg`. A key with dots is one quoted name, `null` drops a line that the
        cluster has set, and a list is joined with what ZooKeeper splits the key at: `:` in
        `group.N`, else commas. What stands in
        {option}`services.kafnix.cluster.zookeeper.settings` is the default of each line.

        A secret is no value: a key like `ssl.keyStore.passwordPath` names its file on the host. One that
        stands here is refused.

        ZooKeeper takes a key it does not know for a system property and says nothing
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

    files = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "File → text of the configuration that the server reads.";
    };

    place = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "Where the parts of the command line lie.";
    };

    command = mkOption {
      type = types.listOf types.str;
      internal = true;
      readOnly = true;
      description = "The unit's command line.";
    };
  }
  // server.accountOptions {
    name = "zookeeper";
    id = 440;
  };
}

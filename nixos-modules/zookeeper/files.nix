# The texts that the server reads. They stay in the store: it rewrites its own configuration only
# where `reconfigEnabled` is set.
{ config, lib, ... }:
let
  cfg = config.services.kafnix.zookeeper;
  inherit (config.services.kafnix) cluster;
  properties = import ../lib/properties.nix;
  tables = (import ../lib/key-tables.nix).zookeeper;
  asDefault = lib.mapAttrs (_: lib.mkDefault);
in
{
  config = lib.mkIf cfg.enable {
    services.kafnix.zookeeper = {
      settings = asDefault cluster.zookeeper.settings;
      systemProperties = asDefault cluster.zookeeper.systemProperties;
      files = {
        "zoo.cfg" = properties.render (tables.joined cfg.settings);
        myid = "${toString cfg.id}\n";
      };
    };
    environment.etc."zookeeper/zoo.cfg".text = cfg.files."zoo.cfg";
  };
}

# The text that the broker reads. It stays in the store: a broker never writes it.
{ config, lib, ... }:
let
  cfg = config.services.kafnix.kafka;
  properties = import ../lib/properties.nix;
  tables = (import ../lib/key-tables.nix).kafka;
in
{
  config = lib.mkIf cfg.enable {
    services.kafnix.kafka = {
      settings = lib.mapAttrs (_: lib.mkDefault) config.services.kafnix.cluster.kafka.settings;
      files."server.properties" = properties.render (tables.joined cfg.settings);
    };
    environment.etc."kafka/server.properties".text = cfg.files."server.properties";
  };
}

# zkCli.sh for operators, with the server's JDK, that asks this host's server unless told otherwise.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.kafnix.zookeeper;
in
{
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [
      (pkgs.writeShellScriptBin "zkCli.sh" (
        import ./zk-cli.nix {
          inherit (cfg) package;
          inherit (config.services.kafnix) jdk;
          server = lib.escapeShellArg cfg.server;
        }
      ))
    ];
  };
}

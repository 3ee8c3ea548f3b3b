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
      (pkgs.writeShellScriptBin "zkCli.sh" ''
        export JAVA_HOME=${config.services.kafnix.jdk}
        for argument in "$@"; do
          case $argument in
            -server | -h | -help | --help) exec ${cfg.package}/bin/zkCli.sh "$@" ;;
          esac
        done
        exec ${cfg.package}/bin/zkCli.sh -server ${lib.escapeShellArg cfg.server} "$@"
      '')
    ];
  };
}

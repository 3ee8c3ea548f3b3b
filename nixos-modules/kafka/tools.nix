# The client tools of the release for operators, with the broker's JDK, that ask this host's broker
# unless told otherwise. Which tools a release has is found when this is built, not evaluated.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.kafnix.kafka;

  tool = pkgs.writeShellScript "kafka-tool" (
    import ./tool.nix {
      inherit (cfg) package;
      inherit (config.services.kafnix) jdk;
      server = lib.escapeShellArg cfg.bootstrapServer;
    }
  );

  tools = pkgs.runCommand "kafka-tools-${version}" { preferLocalBuild = true; } ''
    mkdir -p $out/bin
    for script in ${cfg.package}/bin/kafka-*.sh; do
      case ''${script##*/} in
        # Starting and stopping is the unit's business; the storage tool formats what it is given.
        kafka-server-* | kafka-storage.sh) ;;
        *) ln -s ${tool} $out/bin/''${script##*/} ;;
      esac
    done
  '';
  version = config.services.kafnix.versions.kafka;
in
{
  config = lib.mkIf cfg.enable { environment.systemPackages = [ tools ]; };
}

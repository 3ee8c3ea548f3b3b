# Facts that the generator's rules hold, too, for what a machine file changes behind its back.
# Both carry the same codes.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.kafnix.zookeeper;
  kafnix = config.services.kafnix;
  settings = import ../lib/settings.nix { inherit lib; };
  directories = import ../lib/directories.nix { inherit lib; };
  secrets = import ../lib/secrets.nix { inherit lib; };
  versions = import ../lib/versions.nix {
    inherit lib;
    inherit (import ../packages { inherit pkgs; }) pins;
  };
  properties = import ../lib/properties.nix;
  option = "services.kafnix.zookeeper";
  whitelist = cfg.settings."4lw.commands.whitelist" or null;
  words = if whitelist == null then "srvr" else properties.valueText whitelist;
  answered = map lib.trim (lib.splitString "," words);
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.id >= 1 && cfg.id <= 255;
        message = "[K201] ${option}.id is ${toString cfg.id}: a server's id is from 1 to 255";
      }
      {
        assertion = (cfg.settings."server.${toString cfg.id}" or null) != null;
        message = "[K213] ${option}.settings has no \"server.${toString cfg.id}\": add this server to zookeeper.hosts in the spec, or give it the id that it has there";
      }
      {
        assertion = lib.elem "srvr" answered || lib.elem "*" answered;
        message = "[K215] ${option}.settings.\"4lw.commands.whitelist\" is ${words}: name srvr, too, which the launcher asks";
      }
    ]
    ++ directories.assertions {
      option = "${option}.settings.dataDir";
      paths = settings.directories (cfg.settings.dataDir or null);
    }
    ++ lib.optionals ((cfg.settings.dataLogDir or null) != null) (
      directories.assertions {
        option = "${option}.settings.dataLogDir";
        paths = settings.directories cfg.settings.dataLogDir;
      }
    )
    ++ secrets.assertions {
      product = "zookeeper";
      inherit cfg;
      instead = "write it into a file that the user zookeeper alone can read, and the file's path under the key that ends with Path (ZooKeeper 3.8 and later)";
    }
    ++ versions.assertions {
      product = "zookeeper";
      name = "ZooKeeper";
      version = kafnix.versions.zookeeper;
      inherit (kafnix.versions) jdk;
    };
  };
}

# The files as evaluated out of Nix are, byte for byte, what the generator says they are.
{
  lib,
  name,
  hosts,
  shown,
}:
let
  said = builtins.fromJSON (builtins.readFile (shown + "/${name}.json"));
  files =
    config:
    lib.optionalAttrs config.services.kafnix.zookeeper.enable {
      zookeeper = config.services.kafnix.zookeeper.files;
    }
    // lib.optionalAttrs config.services.kafnix.kafka.enable {
      kafka = config.services.kafnix.kafka.files;
    };
  evaluated = lib.mapAttrs (_: files) hosts;

  differences = lib.concatLists (
    lib.mapAttrsToList (
      host: roles:
      lib.concatLists (
        lib.mapAttrsToList (
          role:
          lib.mapAttrsToList (
            file: text:
            let
              other = said.${host}.${role}.files.${file} or null;
              lines = lib.splitString "\n";
            in
            if other == text then
              null
            else if other == null then
              "${host}: kafnix shows no ${file}"
            else
              "${host}: ${file} has ${builtins.toJSON (lib.subtractLists (lines other) (lines text))} in Nix and ${builtins.toJSON (lib.subtractLists (lines text) (lines other))} in kafnix"
          )
        ) roles
      )
    ) evaluated
  );
  strangers = lib.subtractLists (lib.attrNames hosts) (lib.attrNames said);
  wrong =
    lib.filter (difference: difference != null) differences
    ++ map (host: "${host}: there is no folder for it") strangers;
in
[
  {
    name = "${name}: zoo.cfg, myid and server.properties are what kafnix shows";
    problem = if wrong == [ ] then null else lib.concatStringsSep "; " wrong;
  }
]

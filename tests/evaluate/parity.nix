# The files, the command lines and the digests as evaluated out of Nix are what the generator says they are, byte for
# byte.
{
  lib,
  name,
  hosts,
  # the folder that was generated
  tree,
  shown,
}:
let
  said = builtins.fromJSON (builtins.readFile (shown + "/${name}.json"));
  servers =
    config:
    lib.filterAttrs (_: server: server.enable) {
      inherit (config.services.kafnix) zookeeper kafka;
    };
  ofServers =
    test:
    lib.concatLists (
      lib.mapAttrsToList (
        host: config: lib.concatLists (lib.mapAttrsToList (test host) (servers config))
      ) hosts
    );
  lines = lib.splitString "\n";

  files =
    host: role: server:
    lib.mapAttrsToList (
      file: text:
      let
        other = said.${host}.${role}.files.${file} or null;
      in
      if other == text then
        null
      else if other == null then
        "${host}: kafnix shows no ${file}"
      else
        "${host}: ${file} has ${builtins.toJSON (lib.subtractLists (lines other) (lines text))} in Nix and ${builtins.toJSON (lib.subtractLists (lines text) (lines other))} in kafnix"
    ) server.files;

  # kafnix does not know where things lie on the host, and shows names for them. Whether a host has a class-data
  # archive is the modules' own affair.
  command =
    host: role: server:
    let
      plain = builtins.unsafeDiscardStringContext;
      places = server.place // {
        launcher = lib.head server.command;
      };
      named = map (name: "{${name}}") (lib.attrNames places);
      place = lib.replaceStrings named (map plain (lib.attrValues places));
      other = map place (said.${host}.${role}.command or [ ]);
      here = lib.filter (word: !lib.hasPrefix "--class-data=" word) (map plain server.command);
    in
    [
      (
        if other == here then
          null
        else
          "${host}: ${role} is started by ${builtins.toJSON here} in Nix and by ${builtins.toJSON other} in kafnix"
      )
    ];

  generatedDigest = import ../../nix/generated-digest.nix tree;
  strangers = lib.subtractLists (lib.attrNames hosts) (lib.attrNames said);
  problems =
    differences:
    let
      wrong = lib.filter (difference: difference != null) differences;
    in
    if wrong == [ ] then null else lib.concatStringsSep "; " wrong;
in
[
  {
    name = "${name}: zoo.cfg, myid and server.properties are what kafnix shows";
    problem = problems (ofServers files ++ map (host: "${host}: there is no folder for it") strangers);
  }
  {
    name = "${name}: what names the configuration of a host is what kafnix makes of it";
    problem = problems (
      lib.mapAttrsToList (
        host: _:
        if generatedDigest host == said.${host}.generated or null then
          null
        else
          "${host} has another digest"
      ) hosts
    );
  }
  {
    name = "${name}: the units' command lines are what kafnix shows";
    problem = problems (ofServers command);
  }
]

# The modules of every host that has a folder in `hosts`: name → its generated file, the machine file that a
# person wrote, and what every host gets. It must not look into the spec: what is not in `hosts` does not exist.
{ lib, kafnix }:
let
  ifThere = file: if builtins.pathExists file then file else null;
  generatedDigest = import ./generated-digest.nix;
in
{
  # the folder that `kafnix generate` writes
  hosts,
  # the folder of the machine files, each <host>.nix or <host>/default.nix
  machines,
  # modules that every host gets
  modules ? [ ],
  # the spec that they were generated from, which every host gets with its lock
  spec ? ifThere (dirOf hosts + "/cluster.json"),
}:
let
  entries = folder: type: lib.attrNames (lib.filterAttrs (_: t: t == type) (builtins.readDir folder));

  names =
    if builtins.pathExists hosts then
      entries hosts "directory"
    else
      throw "there is no folder ${baseNameOf hosts}: run `kafnix generate`, and `git add` what it writes";

  machineFiles = lib.optionals (builtins.pathExists machines) (
    lib.filter (lib.hasSuffix ".nix") (entries machines "regular")
  );
  # A folder that is no host's, or has no default.nix, is what several machines share.
  hasFolder = name: builtins.pathExists (machines + "/${name}/default.nix");
  strangers = lib.subtractLists (map (name: "${name}.nix") names) machineFiles;
  strangersText = "machine files of no host in ${baseNameOf hosts}: ${lib.concatStringsSep ", " strangers}";

  missing = name: ''
    the host ${name} has no machine file. Write ${baseNameOf machines}/${name}.nix (or ${name}/default.nix there, with hardware-configuration.nix or facter.json beside it) with what its hardware needs, and `git add` it:

      {
        boot.loader.systemd-boot.enable = true;
        fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
        # and its address and who may log in: the flake's template has an example
        system.stateVersion = "26.05";
      }
    ${lib.optionalString (strangers != [ ]) "\nThere are ${strangersText}."}'';

  machineOf =
    name:
    let
      hasFile = lib.elem "${name}.nix" machineFiles;
    in
    if hasFile && hasFolder name then
      throw "the host ${name} has two machine files: keep one of ${baseNameOf machines}/${name}.nix and ${baseNameOf machines}/${name}/default.nix"
    else if hasFile then
      machines + "/${name}.nix"
    else if hasFolder name then
      machines + "/${name}"
    else
      throw (missing name);
in
lib.warnIf (strangers != [ ])
  "there are ${strangersText}. What several machines share goes into a folder there, or into `modules`."
  (
    lib.genAttrs names (
      name:
      let
        machine = machineOf name;
      in
      # first of all, so that a missing file is the one thing that is said
      builtins.seq machine (
        [
          kafnix
          (hosts + "/${name}")
          machine
          {
            services.kafnix.tools = lib.mapAttrs (_: lib.mkDefault) {
              inherit spec;
              lock = ifThere (hosts + "/lock.json");
              generated = generatedDigest hosts name;
            };
          }
        ]
        ++ modules
      )
    )
  )

# A NixOS configuration for every folder in `hosts`, from its generated file and the machine file
# that a person wrote. It must not look into the spec: what is not in `hosts` does not exist.
{ lib, kafnix }:
{
  # the folder that `kafnix generate` writes
  hosts,
  # the folder of the machine files, <host>.nix
  machines,
  # modules that every host gets
  modules ? [ ],
  # arguments of all modules
  specialArgs ? { },
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
  strangers = lib.subtractLists (map (name: "${name}.nix") names) machineFiles;
  strangersText = "machine files of no host in ${baseNameOf hosts}: ${lib.concatStringsSep ", " strangers}";

  missing = name: ''
    the host ${name} has no machine file. Write ${baseNameOf machines}/${name}.nix with what its hardware needs, and `git add` it:

      {
        boot.loader.systemd-boot.enable = true;
        fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
        # and its address, its open ports and who may log in: the flake's template has an example
        system.stateVersion = "26.05";
      }
    ${lib.optionalString (strangers != [ ]) "\nThere are ${strangersText}."}'';

  machineOf =
    name:
    if lib.elem "${name}.nix" machineFiles then machines + "/${name}.nix" else throw (missing name);
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
        lib.nixosSystem {
          inherit specialArgs;
          modules = [
            kafnix
            (hosts + "/${name}")
            machine
          ]
          ++ modules;
        }
      )
    )
  )

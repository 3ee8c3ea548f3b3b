# What changes in the units of a host is what kafnix says that restarts. `cases` is a folder: of each case it holds
# two generated trees, before/hosts and after/hosts, and said.json, which `kafnix generate` has said of the second one.
{
  nixpkgs ? null,
  cases,
  # whether to compare the units that the whole of NixOS makes, which takes much longer
  whole ? false,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib pkgs;
  folders =
    folder: lib.attrNames (lib.filterAttrs (_: type: type == "directory") (builtins.readDir folder));
  roles = lib.attrNames (import ../../nixos-modules/roles);
  settings = import ../../nixos-modules/lib/settings.nix { inherit lib; };
  stub = import ./stub.nix { inherit lib pkgs; };

  ofStub = {
    configOf =
      host:
      (stub [
        host
        { options.nixpkgs.hostPlatform = lib.mkOption { }; }
      ]).config;
    # what a switch compares, and the files whose store paths are in it
    unitOf = config: role: {
      inherit (config.systemd.services.${role})
        after
        serviceConfig
        unitConfig
        wants
        ;
      inherit (config.services.kafnix.${role}) files;
    };
  };
  ofNixos = {
    configOf =
      host:
      (lib.nixosSystem {
        modules = [
          ../../nixos-modules
          ./machine.nix
          host
        ];
      }).config;
    unitOf = config: role: config.systemd.units."${role}.service".text;
  };
  inherit (if whole then ofNixos else ofStub) configOf unitOf;

  # A mount of another device is restarted by the switch, and with it the service that needs it.
  mountsOf =
    config: role:
    let
      given = config.services.kafnix.${role}.settings;
      directories = lib.concatMap (key: settings.directories (given.${key} or null)) [
        "dataDir"
        "dataLogDir"
        "log.dirs"
      ];
      holds = mountPoint: lib.any (lib.hasPrefix "${mountPoint}/") directories;
    in
    lib.mapAttrs (_: disk: { inherit (disk) device fsType; }) (
      lib.filterAttrs (mountPoint: _: holds mountPoint) config.fileSystems
    );

  restarted =
    before: after:
    lib.filter (
      role:
      let
        of = config: [
          (unitOf config role)
          (mountsOf config role)
        ];
      in
      before.services.kafnix.${role}.enable
      && after.services.kafnix.${role}.enable
      && of before != of after
    ) roles;

  test =
    case:
    let
      tree = side: cases + "/${case}/${side}/hosts";
      said = (lib.importJSON (cases + "/${case}/said.json")).hosts;
      both = lib.intersectLists (folders (tree "before")) (folders (tree "after"));
      found = lib.genAttrs both (
        host: restarted (configOf (tree "before" + "/${host}")) (configOf (tree "after" + "/${host}"))
      );
      claimed = lib.genAttrs both (host: lib.naturalSort (said.${host}.restarts or [ ]));
    in
    {
      name = "${case}: the units that change are those that kafnix says restart${lib.optionalString whole ", in all of NixOS"}";
      problem =
        if found == claimed then
          null
        else
          "${builtins.toJSON found} change, and kafnix says ${builtins.toJSON claimed}";
    };
in
map test (folders cases)

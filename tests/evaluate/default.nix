# The tests of this folder that need nixpkgs, as a list of { name, problem }: those on the hosts of one cluster, or
# those on no cluster's. An evaluation of its own for each: all hosts at once would not fit the memory.
# problem: null where the test passed, else why it did not, in one line. A test that this nixpkgs
# cannot run has { name, skipped } instead, with the reason.
{
  nixpkgs ? null,
  cluster ? null,
  # a folder with what `kafnix show hosts` says of each cluster, <cluster>.json, or null
  shown ? null,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib pkgs;
  clusters = import ./clusters.nix { inherit lib; };
  everyTree = {
    name = "every spec has its generated tree";
    problem =
      let
        bare = lib.attrNames (lib.filterAttrs (_: hosts: hosts == { }) clusters);
      in
      if bare == [ ] then null else "run kafnix generate for ${lib.concatStringsSep ", " bare}";
  };
  ofCluster =
    name: hosts:
    import ./systems.nix { inherit lib name hosts; }
    ++ import ./units.nix { inherit lib name hosts; }
    ++ lib.optionals (shown != null && hosts != { }) (
      import ./parity.nix {
        inherit
          lib
          name
          hosts
          shown
          ;
        tree = if name == "repository" then ../../hosts else ../specs + "/${name}/hosts";
      }
    );
in
{
  tests =
    if cluster != null then
      ofCluster cluster clusters.${cluster}
    else
      [ everyTree ]
      ++ import ./host-folders.nix { inherit lib; }
      ++ import ./images.nix { inherit lib; }
      ++ import ./launcher.nix { inherit lib; }
      ++ lib.concatMap (file: import file { inherit lib pkgs; }) [
        ./addresses.nix
        ./key-tables.nix
        ./wrong-hosts.nix
        ./class-data.nix
        ./disks.nix
        ./tools.nix
        ./firewall.nix
        ./tuning.nix
      ];

  images = import ./every-image.nix {
    inherit lib;
    name = cluster;
    hosts = clusters.${cluster};
  };

  options = import ../../nix/options-doc.nix { inherit lib pkgs; };
}

# What kafnix defines of each host, as data: cluster → host → what a test on a machine needs of it.
# Beside the generated trees there is one host that is written by hand.
{
  nixpkgs ? null,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib;
  clusters = import ./clusters.nix { inherit lib; } // {
    every-opening.every-opening =
      (lib.nixosSystem {
        modules = [
          ../../nixos-modules
          ./machine.nix
          ./every-opening.nix
        ];
      }).config;
  };

  # as NixOS's own script hands them to nft
  ruleset =
    nftables:
    lib.concatMapStrings (table: ''
      table ${table.family} ${table.name} {
        ${table.content}
      }
    '') (lib.filter (table: table.enable) (lib.attrValues nftables.tables))
    + nftables.ruleset;

  # a row of `kafnix show firewall`
  rowOf =
    host: config: opening:
    let
      groups = import ../../nixos-modules/lib/groups.nix {
        inherit lib;
        inherit (config.services.kafnix.cluster) groups;
      };
    in
    {
      inherit host;
      inherit (opening)
        what
        address
        port
        from
        ;
      addresses = if opening.from == null then null else lib.concatMap groups.addressesOf opening.from;
    };

  define = host: config: {
    inherit (config.services.kafnix) addresses;
    ruleset = ruleset config.networking.nftables;
    rows = map (rowOf host config) config.services.kafnix.firewall.openings;
    # what NixOS opens to everybody by itself
    ssh = lib.optionals (
      config.services.openssh.enable && config.services.openssh.openFirewall
    ) config.services.openssh.ports;
  };
in
{
  clusters = lib.mapAttrs (_: lib.mapAttrs define) clusters;
  # for document.nix, which says more of fewer hosts
  inherit ruleset;
}

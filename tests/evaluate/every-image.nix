# Every image and the VM of every host of one cluster evaluates to a derivation. An evaluation of its own for
# each cluster: an image is another evaluation of its host, and all at once would not fit the memory.
{
  trees ? null,
  cluster,
}:
let
  inherit (import ./nixpkgs.nix { inherit trees; }) lib;
  hosts = (import ./clusters.nix { inherit lib; }).${cluster};
  derivations = host: host.system.build.kafnixImages // { inherit (host.system.build) vm; };
  line =
    host: format: derivation:
    let
      evaluated = lib.hasSuffix ".drv" derivation.drvPath;
    in
    "${
      if evaluated then "ok" else "FAILED"
    } ${cluster}: ${host} as ${format} evaluates to a derivation\n";
in
lib.concatStrings (
  lib.concatLists (
    lib.mapAttrsToList (host: config: lib.mapAttrsToList (line host) (derivations config)) hosts
  )
)

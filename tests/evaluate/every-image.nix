# Every image and the VM of one host of a cluster evaluate to derivations: of the first, since the hosts of a cluster
# differ in what images do not look at, and an image is another evaluation of its host.
{
  lib,
  name,
  hosts,
}:
let
  host = lib.head (lib.attrNames hosts);
  inherit (hosts.${host}.system) build;
in
lib.optionals (hosts != { }) (
  lib.mapAttrsToList (format: derivation: {
    name = "${name}: ${host} as ${format} evaluates to a derivation";
    problem = if lib.hasSuffix ".drv" derivation.drvPath then null else "it does not";
  }) (build.kafnixImages // { inherit (build) vm; })
)

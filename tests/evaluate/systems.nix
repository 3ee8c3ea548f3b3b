# Every host evaluates to a whole system, with nothing to complain about.
{
  lib,
  name,
  hosts,
}:
let
  failed = config: map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
  complaints = lib.concatLists (
    lib.mapAttrsToList (
      host: config: map (text: "${host}: ${text}") (failed config ++ config.warnings)
    ) hosts
  );
  unbuilt = lib.filterAttrs (
    _: config: !(lib.hasSuffix ".drv" config.system.build.toplevel.drvPath)
  ) hosts;
in
[
  {
    name = "${name}: no host has a failed assertion or a warning";
    problem = if complaints == [ ] then null else lib.concatStringsSep "; " complaints;
  }
  {
    # A failed assertion ends the evaluation; it is named above.
    name = "${name}: every host evaluates to a system";
    problem =
      if hosts == { } then
        "there is no host"
      else if complaints != [ ] then
        "not tried"
      else if unbuilt != { } then
        toString (lib.attrNames unbuilt)
      else
        null;
  }
]

# Gives a host a package set that others have, too: one takes some hundred megabytes of the evaluation. A host
# whose modules say something of its own about nixpkgs keeps its own.
# packagesOf: system → package set
packagesOf:
{
  config,
  lib,
  options,
  ...
}:
let
  # some of NixOS's own modules define nothing
  untouched = option: lib.all (it: it == { } || it == [ ]) option.definitions;
in
{
  # where a host is given two of them, the first one counts
  key = "kafnix-shared-packages";
  config.nixpkgs.pkgs = lib.mkIf (
    untouched options.nixpkgs.config && untouched options.nixpkgs.overlays
  ) (packagesOf config.nixpkgs.hostPlatform.system);
}

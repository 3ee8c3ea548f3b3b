# The command line, for one platform.
{ pkgs, ... }: pkgs.callPackage ./kafnix.nix { }

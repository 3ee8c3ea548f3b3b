# `nix fmt`, for all Nix files of the tree. The generator's templates only end in Nix.
{ pkgs, ... }: pkgs.nixfmt-tree.override { settings.excludes = [ "generator/templates/*" ]; }

# `nix fmt`, for all Nix files of the tree.
{ pkgs, ... }:
pkgs.nixfmt-tree

# The nixpkgs that the tests evaluate with, as its flake gives it: the locked one, or a folder with a whole tree.
{
  nixpkgs ? null,
}:
let
  inherit ((builtins.fromJSON (builtins.readFile ../../flake.lock)).nodes.nixpkgs) locked;
  flake =
    if nixpkgs == null then
      builtins.getFlake "github:${locked.owner}/${locked.repo}/${locked.rev}?narHash=${locked.narHash}"
    else
      let
        # read where it lies: a flake reference would copy it into the store
        tree = /. + nixpkgs;
        self = (import (tree + "/flake.nix")).outputs { inherit self; } // {
          outPath = tree;
        };
      in
      self;
  pkgs = flake.legacyPackages.x86_64-linux;
  inherit (flake) lib;
in
{
  inherit pkgs;
  # Thirty hosts with a package set each would take over 22 GB.
  lib = lib // {
    nixosSystem =
      args:
      lib.nixosSystem (
        args
        // {
          modules = args.modules ++ [ (import ../../nix/shared-packages.nix (_: pkgs)) ];
        }
      );
  };
}

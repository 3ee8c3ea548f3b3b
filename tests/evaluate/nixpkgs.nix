# The nixpkgs that the tests evaluate with: the locked one, or the stand-in over its four trees.
# trees: null, or the attributes lib, nixos, packages and formats, each a folder
{ trees }:
if trees == null then
  let
    inherit ((builtins.fromJSON (builtins.readFile ../../flake.lock)).nodes.nixpkgs) locked;
    nixpkgs = builtins.getFlake "github:${locked.owner}/${locked.repo}/${locked.rev}?narHash=${locked.narHash}";
  in
  {
    inherit (nixpkgs) lib;
    pkgs = nixpkgs.legacyPackages.x86_64-linux;
  }
else
  let
    shim = import ../nixpkgs-shim {
      libPath = "${trees.lib}/lib";
      nixosPath = "${trees.nixos}/nixos";
      packagesPath = "${trees.packages}/nixpkgs";
      formatsPath = "${trees.formats}/pkgs/pkgs-lib/formats.nix";
    };
  in
  {
    inherit (shim) lib;
    pkgs = shim.pkgsFor "x86_64-linux";
  }

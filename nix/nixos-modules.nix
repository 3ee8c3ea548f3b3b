# As attribute sets, since `nix flake check` before 2.19 takes no path for a module.
{
  default.imports = [ ../nixos-modules ];
}
// import ../nixos-modules/services.nix

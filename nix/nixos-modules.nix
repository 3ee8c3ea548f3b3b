# As attribute sets, since `nix flake check` before 2.19 takes no path for a module. `programOf`: platform → kafnix, which
# is then made once and not for each host: all crates that it is built from are evaluated with it.
{ programOf }:
{
  default.imports = [
    ../nixos-modules
    (
      { lib, pkgs, ... }:
      let
        inherit (pkgs.stdenv.hostPlatform) system;
      in
      {
        key = "kafnix-program";
        config.services.kafnix = lib.optionalAttrs (programOf ? ${system}) {
          tools.package = lib.mkDefault programOf.${system};
        };
      }
    )
  ];
}
// import ../nixos-modules/services.nix

# What `nix flake check` proves beside the scenarios. Hosts are found by listing.
{
  self,
  lib,
  pkgs,
}:
let
  inherit (pkgs.stdenv.hostPlatform) system;
  packages = self.packages.${system};

  here = lib.filterAttrs (
    _: host: host.config.nixpkgs.hostPlatform.system == system
  ) self.nixosConfigurations;
  # The derivation of the whole system, without building it.
  evaluated =
    host:
    pkgs.writeText "kafnix-host-evaluated" (
      builtins.unsafeDiscardStringContext host.config.system.build.toplevel.drvPath
    );
  hosts = lib.mapAttrs' (name: host: lib.nameValuePair "host-${name}" (evaluated host)) here;

  nixFiles = lib.fileset.toSource {
    root = ../.;
    # The generator's templates only end in Nix.
    fileset = lib.fileset.difference (lib.fileset.fileFilter (
      file: file.hasExt "nix"
    ) ../.) ../generator/templates;
  };
in
{
  inherit (packages) kafnix kafnix-launch;
  formatting = pkgs.runCommand "kafnix-formatting" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
    find ${nixFiles} -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';
}
// hosts

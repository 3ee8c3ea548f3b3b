# A host for the benchmark `thunks`: a plain NixOS, with or without both servers.
{
  nixpkgs ? null,
  servers,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib;
  host = ../../hosts/kafka01;
in
(lib.nixosSystem {
  modules = [
    ./machine.nix
  ]
  ++ (
    if servers then
      [
        ../../nixos-modules
        host
      ]
    else
      [
        {
          networking.hostName = "kafka01";
          nixpkgs.hostPlatform = "x86_64-linux";
        }
      ]
  );
}).config.system.build.toplevel.drvPath

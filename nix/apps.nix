{
  self,
  lib,
  pkgs,
}:
{
  default = {
    type = "app";
    program = lib.getExe' self.packages.${pkgs.stdenv.hostPlatform.system}.kafnix "kafnix";
    meta.description = "Turns one cluster spec into NixOS hosts";
  };
}

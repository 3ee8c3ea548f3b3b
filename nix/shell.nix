# What one needs to work on kafnix.
{ pkgs, ... }:
{
  default = pkgs.mkShell {
    packages = [
      pkgs.cargo
      pkgs.cargo-deny
      pkgs.clippy
      pkgs.jdk17_headless
      pkgs.nixfmt
      pkgs.rust-analyzer
      pkgs.rustc
      pkgs.rustfmt
    ];
  };
}

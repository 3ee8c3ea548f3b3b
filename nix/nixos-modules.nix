# As attribute sets, since `nix flake check` before 2.19 takes no path for a module.
builtins.mapAttrs (_: module: { imports = [ module ]; }) {
  default = ../nixos-modules;
  zookeeper = ../nixos-modules/zookeeper;
  kafka = ../nixos-modules/kafka;
}

# Role → the module of its service, which counts once where a host imports it twice, alone and with all others.
builtins.mapAttrs (name: _: {
  key = "kafnix-service-${name}";
  _file = ./service.nix;
  imports = [ (import ./service.nix name) ];
}) (import ./roles)

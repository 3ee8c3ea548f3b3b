# The roles that a host's services have, by the files of this folder: role → what is its own.
builtins.listToAttrs (
  map (file: {
    name = builtins.head (builtins.split "[.]nix$" file);
    value = ./. + "/${file}";
  }) (builtins.filter (file: file != "default.nix") (builtins.attrNames (builtins.readDir ./.)))
)

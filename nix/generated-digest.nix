# What names the configuration of a host: the digest of all that was generated for it. kafnix makes the same, in
# `generator/src/render/mod.rs`.
hosts: name:
builtins.hashString "sha256" (
  builtins.readFile (hosts + "/cluster.nix") + builtins.readFile (hosts + "/${name}/default.nix")
)

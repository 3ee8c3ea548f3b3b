# The main process of both units. Every server restarts when it changes, so it is built from its own sources and the
# little that it shares, its own dependencies as the workspace locks them, and nothing else: a change of the other
# programs, or of what only they depend on, does not build it anew. The workspace's two files are
# therefore cut down to what concerns it.
{
  lib,
  rustPlatform,
  writeText,
}:
let
  inherit (lib) fileset;
  inherit (lib.importTOML ../Cargo.toml) workspace profile;
  # It, and what it needs of the workspace.
  members = [
    "launcher"
    "protocol"
  ];
  manifests = map (member: lib.importTOML (../. + "/${member}/Cargo.toml")) members;
  dependencies = lib.mergeAttrsList (
    lib.concatMap (it: [
      it.dependencies
      it.dev-dependencies or { }
    ]) manifests
  );

  lock = import ./cargo-lock.nix { inherit lib; } ../Cargo.lock (lib.head manifests).package.name;
  manifest = lock.toToml {
    workspace = {
      inherit members;
      inherit (workspace) resolver package;
      dependencies = builtins.intersectAttrs (lib.filterAttrs (
        _: it: it.workspace or false
      ) dependencies) workspace.dependencies;
      # they concern whoever writes the code
      lints = { };
    };
    profile = { inherit (profile) release; };
  };
in
rustPlatform.buildRustPackage {
  pname = "kafnix-launch";
  inherit (workspace.package) version;

  src = fileset.toSource {
    root = ../.;
    fileset = fileset.unions (
      lib.concatMap (member: [
        (../. + "/${member}/Cargo.toml")
        (../. + "/${member}/src")
      ]) members
      ++ [ ../launcher/jvm ]
    );
  };
  cargoLock.lockFileContents = lock.text;
  postPatch = ''
    # writable: cargo takes out of the lock what no feature of ours needs
    install -m 0644 ${writeText "Cargo.toml" manifest} Cargo.toml
    install -m 0644 ${writeText "Cargo.lock" lock.text} Cargo.lock
  '';

  # `cargo test` of the workspace runs them.
  doCheck = false;

  meta = {
    description = "Main process of a ZooKeeper or Kafka unit: starts the JVM and says when it serves";
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = "kafnix-launch";
    platforms = lib.platforms.linux;
  };
}

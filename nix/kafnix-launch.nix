# The main process of both units. Every server restarts when it changes, so it is built from its own
# sources, its own dependencies as the workspace locks them, and nothing else: a change of the other
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
  member = lib.importTOML ../launcher/Cargo.toml;

  lock = import ./cargo-lock.nix { inherit lib; } ../Cargo.lock member.package.name;
  manifest = lock.toToml {
    workspace = {
      members = [ "launcher" ];
      inherit (workspace) resolver package;
      dependencies = builtins.intersectAttrs (lib.filterAttrs (_: it: it.workspace or false) (
        member.dependencies // member.dev-dependencies or { }
      )) workspace.dependencies;
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
    fileset = fileset.unions [
      ../launcher/Cargo.toml
      ../launcher/src
    ];
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

# The command line, from the workspace's own sources: a change of the modules or of the docs does
# not build it anew.
{
  lib,
  stdenv,
  buildPackages,
  rustPlatform,
  installShellFiles,
}:
let
  workspace = (lib.importTOML ../Cargo.toml).workspace;
  inherit (lib) fileset;
in
rustPlatform.buildRustPackage {
  pname = "kafnix";
  inherit (workspace.package) version;

  src = fileset.toSource {
    root = ../.;
    fileset = fileset.unions (
      [
        ../Cargo.toml
        ../Cargo.lock
      ]
      ++ map (member: ../. + "/${member}") workspace.members
    );
  };
  cargoLock.lockFile = ../Cargo.lock;
  cargoBuildFlags = [
    "-p"
    "kafnix"
  ];

  # The tests read the whole repository, not only what the program is built from.
  doCheck = false;

  nativeBuildInputs = [ installShellFiles ];
  postInstall = lib.optionalString (stdenv.hostPlatform.emulatorAvailable buildPackages) (
    let
      kafnix = "${stdenv.hostPlatform.emulator buildPackages} $out/bin/kafnix";
    in
    ''
      installShellCompletion --cmd kafnix \
        --bash <(${kafnix} completions bash) \
        --zsh <(${kafnix} completions zsh) \
        --fish <(${kafnix} completions fish)
      ${kafnix} man >kafnix.1
      installManPage kafnix.1
    ''
  );

  meta = {
    description = "Turns one cluster spec into NixOS hosts that run ZooKeeper and Kafka";
    license = with lib.licenses; [
      mit
      asl20
    ];
    mainProgram = "kafnix";
    platforms = lib.platforms.unix;
  };
}

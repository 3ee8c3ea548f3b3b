# What the launcher is built from: all that it needs, and nothing whose change would restart every
# server for no reason.
{ lib }:
let
  mark = "\n@\n";
  package = import ../../nix/kafnix-launch.nix {
    # the files themselves, and no copy of them
    lib = lib // {
      fileset = lib.fileset // {
        toSource = { root, fileset }: map (lib.path.removePrefix root) (lib.fileset.toList fileset);
      };
    };
    rustPlatform.buildRustPackage = arguments: arguments;
    writeText = _: text: "${mark}${text}${mark}";
  };
  files = lib.splitString mark package.postPatch;
  manifest = builtins.fromTOML (lib.elemAt files 1);
  packages = (builtins.fromTOML (lib.elemAt files 3)).package;
  all = (lib.importTOML ../../Cargo.lock).package;

  names = map (it: it.name) packages;
  needed = lib.concatMap (it: it.dependencies or [ ]) packages;
  missing = lib.filter (
    dependency: !lib.elem (lib.head (lib.splitString " " dependency)) names
  ) needed;
  # packages of the workspace have no source
  members = map (it: it.name) (lib.filter (it: !(it ? source)) packages);

  # folder → what it gives
  sources = lib.groupBy lib.head (map lib.path.subpath.components package.src);
  given = lib.mapAttrs (_: paths: lib.unique (map (path: lib.elemAt path 1) paths)) sources;
  inherited =
    member:
    lib.attrNames (
      lib.filterAttrs (_: it: it.workspace or false)
        (lib.importTOML (../.. + "/${member}/Cargo.toml")).dependencies
    );

  test = name: problem: { inherit name problem; };
  same = expected: got: if got == expected then null else "got ${builtins.toJSON got}";
in
[
  (test "the launcher's lock has everything that it names" (same [ ] missing))
  (test "the launcher's lock is a part of the whole one" (same [ ] (lib.subtractLists all packages)))
  (test "the launcher is built without the other programs" (
    same [
      "kafnix-launch"
      "kafnix-protocol"
    ] members
  ))
  (test "the launcher's source is its own and what it shares" (
    same {
      launcher = [
        "Cargo.toml"
        "jvm"
        "src"
      ];
      protocol = [
        "Cargo.toml"
        "src"
      ];
    } given
  ))
  (test "the launcher's manifest has its members, and every dependency that they inherit" (
    same
      {
        members = lib.attrNames given;
        missing = [ ];
      }
      {
        inherit (manifest.workspace) members;
        missing = lib.subtractLists (lib.attrNames manifest.workspace.dependencies) (
          lib.concatMap inherited manifest.workspace.members
        );
      }
  ))
  (test "the lock that is vendored is the one that is built with" (
    same (lib.elemAt files 3) package.cargoLock.lockFileContents
  ))
]

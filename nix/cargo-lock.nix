# The part of a Cargo.lock that one package of the workspace needs, as text. It must not resolve
# anything: the versions are those of the whole lock.
{ lib }:
let
  # Everything inline: TOML that nobody reads but cargo.
  value =
    it:
    if lib.isAttrs it then
      "{ ${lib.concatStringsSep ", " (pairs it)} }"
    else if lib.isList it then
      "[${lib.concatMapStringsSep ", " value it}]"
    else
      builtins.toJSON it;
  pairs = lib.mapAttrsToList (key: it: "${builtins.toJSON key} = ${value it}");
  toToml = table: lib.concatMapStrings (pair: "${pair}\n") (pairs table);
in
file: name:
let
  locked = lib.importTOML file;
  # A dependency is written as `name`, as `name version` where several versions are locked, or as
  # `name version (source)`.
  words = dependency: lib.splitString " " dependency;
  byName = lib.groupBy (package: package.name) locked.package;
  find =
    dependency:
    let
      named = byName.${lib.head (words dependency)};
      version = lib.elemAt (words dependency) 1;
    in
    if lib.length named == 1 then
      lib.head named
    else
      lib.findFirst (package: package.version == version) (throw "Cargo.lock lacks ${dependency}") named;

  closure = builtins.genericClosure {
    startSet = [ (item (find name)) ];
    operator = { package, ... }: map (dependency: item (find dependency)) (package.dependencies or [ ]);
  };
  item = package: {
    key = "${package.name} ${package.version}";
    inherit package;
  };
  sorted = lib.sort (
    a: b: a.name < b.name || (a.name == b.name && lib.versionOlder a.version b.version)
  );
in
{
  inherit toToml;
  text = ''
    version = ${toString locked.version}

    ${lib.concatMapStringsSep "\n" (package: "[[package]]\n${toToml package}") (
      sorted (map (it: it.package) closure)
    )}'';
}

# How settings are typed and read: the RFC 42 option for a properties file, and small questions
# about values that several files ask.
{ lib }:
let
  inherit (lib) types;
  properties = import ./properties.nix;
  scalar = types.oneOf [
    types.bool
    types.int
    types.str
  ];
in
{
  option =
    { description, example }:
    lib.mkOption {
      type = types.attrsOf (types.nullOr (types.either scalar (types.listOf scalar)));
      default = { };
      inherit description example;
    };

  # A list of directories, which may also be written as one text with commas, as the products do.
  directories =
    value:
    if value == null then
      [ ]
    else if builtins.isList value then
      value
    else
      map lib.trim (lib.splitString "," value);

  # A number that may be written as a text.
  number = value: if builtins.isInt value then value else lib.toInt (properties.valueText value);

  # "17.0.13+11" → "17", "8u432-b06" → "8", "1.8.0_432" → "8"
  jdkMajor =
    jdk:
    let
      parts = builtins.splitVersion jdk.version;
    in
    if builtins.head parts == "1" then builtins.elemAt parts 1 else builtins.head parts;
}

# docs/options.md, made from the options themselves by evaluation alone.
{ lib, pkgs }:
let
  evaluated = lib.evalModules {
    specialArgs = {
      inherit pkgs;
      utils = { };
    };
    modules = [
      ../nixos-modules
      { _module.check = false; }
    ];
  };
  visible = lib.filter (option: option.visible && !option.internal) (
    lib.optionAttrSetToDocList evaluated.options.services
  );

  # nixpkgs' roles of Markdown, which no other reader of it knows
  plain = lib.replaceStrings [ "{option}`" "{file}`" "{command}`" ] [ "`" "`" "`" ];
  # below the bullet that it belongs to
  indented = block: lib.concatMapStringsSep "\n" (line: "  ${line}") (lib.splitString "\n" block);
  text =
    value:
    if value._type or null == "literalMD" then
      " ${plain value.text}"
    else if lib.hasInfix "\n" value.text then
      "\n\n${indented "```nix\n${lib.removeSuffix "\n" value.text}\n```"}"
    else
      " `${value.text}`";

  section =
    option:
    lib.concatStringsSep "\n" (
      [
        "## ${lib.concatStringsSep "." option.loc}"
        ""
        (lib.removeSuffix "\n" (plain option.description))
        ""
        "- Type: ${option.type}"
      ]
      ++ lib.optional (option ? default) "- Default:${text option.default}"
      ++ lib.optional (option ? example) "- Example:${text option.example}"
      ++ [ "" ]
    );
in
''
  # Options of the NixOS modules

  Made from the modules by `tests/run write`; do not edit. The generated host files set
  all that a host needs; what a machine file sets comes on top, with `lib.mkForce` where the host
  file has a value already.

''
+ lib.concatMapStringsSep "\n" section (lib.sort (a: b: a.name < b.name) visible)

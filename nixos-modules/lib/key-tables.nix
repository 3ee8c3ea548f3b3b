# What the generator's tables say about a key: whether its value is a secret, and what a list of it is joined
# by. The same questions as in generator/src/keys.rs, answered from the same files.
# It takes no argument, so that the hosts of one evaluation share the tables.
let
  inherit (builtins)
    any
    attrNames
    concatStringsSep
    elemAt
    filter
    fromJSON
    genList
    head
    isList
    isString
    length
    mapAttrs
    match
    readFile
    split
    stringLength
    substring
    ;
  read = name: fromJSON (readFile (../../generator/keys + "/${name}.json"));
  ends = read "secret-ends";
  properties = import ./properties.nix;

  lower = builtins.replaceStrings (genList (at: substring at 1 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") 26) (
    genList (at: substring at 1 "abcdefghijklmnopqrstuvwxyz") 26
  );
  endsWith =
    text: end:
    let
      before = stringLength text - stringLength end;
    in
    before >= 0 && substring before (stringLength end) text == end;
  startsWith = text: start: substring 0 (stringLength start) text == start;
  namedLikeASecret =
    key:
    let
      plain = lower (concatStringsSep "" (filter isString (split "[^A-Za-z0-9]+" key)));
    in
    any (endsWith plain) ends;

  of =
    { keys, prefixes, ... }:
    let
      # The newest entry of a key, or of the key that one of a family ends with.
      meaning =
        key:
        let
          rest = match "[^.]*[.](.*)" key;
        in
        if keys ? ${key} then
          elemAt keys.${key} (length keys.${key} - 1)
        else if rest == null then
          null
        else
          meaning (head rest);
    in
    {
      isSecret =
        key:
        let
          entry = meaning key;
        in
        if entry != null && entry.type == "password" then
          !(entry.public or false)
        else
          !(keys ? ${key}) && namedLikeASecret key;

      # what the product takes where the key is not set
      defaultOf = key: (meaning key).default;

      # settings → the same with each list that is not joined by commas as the text that the product reads
      joined =
        let
          separated = filter (prefix: prefixes.${prefix} ? separator) (attrNames prefixes);
          separatorOf =
            key:
            let
              family = filter (startsWith key) separated;
              entry = meaning key;
            in
            if family != [ ] then
              prefixes.${head family}.separator
            else if entry == null then
              ","
            else
              entry.separator or ",";
        in
        mapAttrs (
          key: value:
          if isList value && separatorOf key != "," then
            concatStringsSep (separatorOf key) (map properties.valueText value)
          else
            value
        );
    };
in
{
  kafka = of (read "kafka");
  zookeeper = of (read "zookeeper");

  # Whether a text names the place of a value and holds nothing else.
  isReference = text: match "[[:space:]]*[$][{][^:}]*:[^}]*[}][[:space:]]*" text != null;
}

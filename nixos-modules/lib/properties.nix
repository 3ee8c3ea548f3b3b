# Writes settings as the text of a Java properties file, the same bytes as the generator does.
# Needs nothing but Nix itself, so that it can be tested where there is no nixpkgs. It must not
# know any key: what a setting means is decided elsewhere.
let
  inherit (builtins)
    attrNames
    concatStringsSep
    filter
    fromJSON
    genList
    isBool
    isList
    isString
    listToAttrs
    replaceStrings
    stringLength
    substring
    toString
    typeOf
    ;

  hexDigit = n: substring n 1 "0123456789ABCDEF";
  hex4 =
    n:
    hexDigit (n / 4096)
    + hexDigit (modulo (n / 256) 16)
    + hexDigit (modulo (n / 16) 16)
    + hexDigit (modulo n 16);
  modulo = a: b: a - b * (a / b);

  # Nix has no way to write a single byte, nor to ask a byte for its number. JSON has: it names a
  # character by its number, and the bytes of that character can be cut out. A surrogate pair stands
  # for what lies above U+FFFF.
  character =
    n:
    fromJSON (
      if n < 65536 then
        ''"\u${hex4 n}"''
      else
        ''"\u${hex4 (55296 + (n - 65536) / 1024)}\u${hex4 (56320 + modulo n 1024)}"''
    );
  firstByte = n: substring 0 1 (character n);

  # byte → its six bits, for the bytes 0x80–0xBF, which follow a leading one
  continuation = listToAttrs (
    genList (bits: {
      name = substring 1 1 (character (128 + bits));
      value = bits;
    }) 64
  );

  # leading byte → what it says about the character that it opens
  lead = listToAttrs (
    genList (i: {
      name = firstByte ((i + 2) * 64);
      value = {
        length = 2;
        bits = i + 2;
      };
    }) 30
    ++ genList (i: {
      name = firstByte (if i == 0 then 2048 else i * 4096);
      value = {
        length = 3;
        bits = i;
      };
    }) 16
    ++ genList (i: {
      name = firstByte (if i == 0 then 65536 else i * 262144);
      value = {
        length = 4;
        bits = i;
      };
    }) 5
  );
  leads = attrNames lead;
  nothings = map (_: "") leads;

  # U+0001–U+001F and U+007F, which Java reads in place but a reader cannot see
  controls = genList (i: if i == 31 then 127 else i + 1) 32;
  shortControls = {
    "9" = "\\t";
    "10" = "\\n";
    "12" = "\\f";
    "13" = "\\r";
  };
  plain = {
    from = [ "\\" ] ++ map character controls;
    to = [ "\\\\" ] ++ map (n: shortControls.${toString n} or "\\u${hex4 n}") controls;
  };
  inKey = {
    from = plain.from ++ [
      " "
      "="
      ":"
      "#"
      "!"
    ];
    to = plain.to ++ [
      "\\ "
      "\\="
      "\\:"
      "\\#"
      "\\!"
    ];
  };

  # The character that starts at byte `at`, as Java's UTF-16 escape.
  decode =
    text: at:
    let
      inherit (lead.${substring at 1 text}) length bits;
      step = n: offset: n * 64 + (continuation.${substring (at + offset) 1 text} or notUtf8);
      notUtf8 = throw "this text is not UTF-8 and cannot be written into a properties file: ${text}";
      point = builtins.foldl' step bits (genList (i: i + 1) (length - 1));
    in
    if point < 65536 then
      "\\u${hex4 point}"
    else
      "\\u${hex4 (55296 + (point - 65536) / 1024)}\\u${hex4 (56320 + modulo point 1024)}";

  # Java reads the file as ISO-8859-1, so everything outside ASCII is escaped. Nearly no text has
  # any: whether one has is asked first, in one call.
  escapeWide =
    text:
    if replaceStrings leads nothings text == text then
      text
    else
      concatStringsSep "" (
        genList (
          at:
          let
            byte = substring at 1 text;
          in
          if continuation ? ${byte} then
            ""
          else if lead ? ${byte} then
            decode text at
          else
            byte
        ) (stringLength text)
      );

  escapeKey = key: escapeWide (replaceStrings inKey.from inKey.to key);

  escapeValue =
    value:
    let
      escaped = escapeWide (replaceStrings plain.from plain.to value);
    in
    # Java skips blanks before a value
    if substring 0 1 value == " " then "\\${escaped}" else escaped;

  # A setting's value as the server reads it, before any escaping.
  valueText =
    value:
    if isString value then
      value
    else if isBool value then
      (if value then "true" else "false")
    else if isList value then
      concatStringsSep "," (map valueText value)
    else if typeOf value == "int" then
      toString value
    else
      throw "a setting is a bool, an integer, a string or a list of these, not a ${typeOf value}";

  given = settings: filter (key: settings.${key} != null) (attrNames settings);
in
{
  inherit valueText;

  # settings → the file's text: sorted by key, nulls dropped
  render =
    settings:
    concatStringsSep "" (
      map (key: "${escapeKey key}=${escapeValue (valueText settings.${key})}\n") (given settings)
    );

  # settings → `key=value` of each, without escapes
  pairs = settings: map (key: "${key}=${valueText settings.${key}}") (given settings);
}

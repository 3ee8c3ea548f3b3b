# [K424] No secret stands in a setting or an argument of the JVM: everybody on the host can read the store and
# the command lines.
{ lib }:
let
  properties = import ./properties.nix;
  tables = import ./key-tables.nix;
  # What is text, and not the place of a value.
  isLiteral =
    resolves: value:
    value != null
    && (
      let
        text = lib.trim (properties.valueText value);
      in
      text != "" && !(resolves && tables.isReference text)
    );
in
{
  assertions =
    {
      # "kafka" or "zookeeper"
      product,
      cfg,
      # what to write in its place
      instead,
    }:
    let
      inherit (tables.${product}) isSecret;
      literal =
        option: resolves: settings:
        map (key: "${option}.\"${key}\"") (
          lib.filter (key: isSecret key && isLiteral resolves settings.${key}) (lib.attrNames settings)
        );
      arguments = lib.concatMap (
        argument:
        let
          parts = builtins.match "-D([^=]+)=(.+)" argument;
        in
        lib.optional (parts != null && isSecret (lib.head parts)) "javaOptions (-D${lib.head parts})"
      ) cfg.javaOptions;
      all =
        # Brokers alone ask providers.
        literal "settings" (product == "kafka") cfg.settings
        ++ literal "systemProperties" false (cfg.systemProperties or { })
        ++ arguments;
    in
    [
      {
        assertion = all == [ ];
        message = "[K424] services.kafnix.${product}: ${lib.concatStringsSep ", " all} would be a secret that every user of the host can read: ${instead}";
      }
    ];
}

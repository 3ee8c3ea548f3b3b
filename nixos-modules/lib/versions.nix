# [K501] [K503] Whether a product's version has a pin, and whether the JDK goes with it.
{ lib, pins }:
{
  assertions =
    {
      product,
      name,
      version,
      jdk,
    }:
    let
      known = pins.${product};
      jdks = known.${version}.jdks or [ ];
    in
    [
      {
        assertion = known ? ${version};
        message = "[K501] ${name} ${version} has no pin: choose one of ${lib.concatStringsSep ", " (builtins.sort lib.versionOlder (builtins.attrNames known))}";
      }
      {
        assertion = !(known ? ${version}) || lib.elem jdk jdks;
        message = "[K503] ${name} ${version} does not run on JDK ${jdk}: it goes with JDK ${lib.concatStringsSep ", " jdks}";
      }
    ];
}

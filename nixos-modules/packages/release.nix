# One release archive, unpacked as it is. It knows no JDK: the units and the operators' tools say
# which one runs it, so that a change of JDK needs no new package.
{
  lib,
  stdenvNoCC,
  fetchurl,
  bash,
  mirrors,
}:
{
  pname,
  version,
  pin,
  folders,
  description,
  homepage,
}:
stdenvNoCC.mkDerivation {
  inherit pname version;

  # A release leaves the first mirror when a newer one comes, and stays on the second for good.
  src = fetchurl {
    urls = map (mirror: mirror + pin.path) mirrors;
    inherit (pin) hash;
  };

  strictDeps = true;
  # what the scripts' first lines are patched to
  buildInputs = [ bash ];

  dontConfigure = true;
  dontBuild = true;

  installPhase = ''
    runHook preInstall
    mkdir -p $out
    cp -r LICENSE* NOTICE* ${toString folders} $out/
    rm -rf $out/bin/*.cmd $out/bin/windows
    runHook postInstall
  '';

  meta = {
    inherit description homepage;
    license = lib.licenses.asl20;
    sourceProvenance = [ lib.sourceTypes.binaryBytecode ];
    platforms = lib.platforms.linux;
  };
}

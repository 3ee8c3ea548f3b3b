# A server's own code reads its configuration, with the release and the JDK of the host, while that is built.
{
  lib,
  jdk17_headless,
  runCommand,
}:
let
  class = runCommand "kafnix-config-check" { nativeBuildInputs = [ jdk17_headless ]; } ''
    javac --release 8 -d $out ${./ConfigCheck.java}
  '';
in
{
  product,
  jdk,
  # of the server
  classPath,
  config,
  id,
}:
runCommand "${product}-config-check" { } ''
  if ! ${jdk}/bin/java -Xmx256m -cp ${
    lib.escapeShellArg (lib.concatStringsSep ":" (classPath ++ [ class ]))
  } ConfigCheck ${
    lib.escapeShellArgs [
      product
      config
      id
    ]
  } >log 2>&1; then
    cat log >&2
    echo "correct services.kafnix.${product}.settings, or turn services.kafnix.checkConfig off" >&2
    exit 1
  fi
  touch $out
''

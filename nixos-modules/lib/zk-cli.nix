# zkCli.sh, told which server to ask. Text alone, so that it can be run where there is no nixpkgs.
{
  package,
  jdk,
  # quoted for the shell
  server,
}:
''
  export JAVA_HOME=${jdk}
  for argument in "$@"; do
    case $argument in
      -server | -h | -help | --help) exec ${package}/bin/zkCli.sh "$@" ;;
    esac
  done
  exec ${package}/bin/zkCli.sh -server ${server} "$@"
''

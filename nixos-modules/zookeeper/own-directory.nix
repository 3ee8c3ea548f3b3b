# own-directory ID DATA COUNT DIRECTORY… COMMAND…: takes the COUNT directories for the server ID,
# whose `myid` is in DATA, and becomes the command. It is the unit's main process, since systemd
# heeds `RestartPreventExitStatus=` for that one only. The file is put in place whole: a power loss
# between two writes would leave an empty one. Text alone, so that it can be run where there is no
# nixpkgs.
{ coreutils }:
''
  set -eu
  PATH=${coreutils}/bin
  id=$1 data=$2 count=$3
  shift 3
  found=
  if [ -e "$data/myid" ]; then read -r found <"$data/myid" || true; fi
  if [ -n "$found" ] && [ "$found" != "$id" ]; then
    echo "<3>$data belongs to ZooKeeper server $found and this host is server $id: mount the right disk, or empty the directory if its data may go" >&2
    exit 78
  fi
  if [ -z "$found" ]; then
    echo "$id" >"$data/myid.new"
    mv "$data/myid.new" "$data/myid"
  fi
  while [ "$count" -gt 0 ]; do
    mkdir -p "$1/version-2"
    shift
    count=$((count - 1))
  done
  exec "$@"
''

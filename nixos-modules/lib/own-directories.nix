# The root step of a unit: gives each data directory to the server's user, and makes it where its disk
# is new. One whose file system is not mounted is never made: on the root file system it would fill that
# up, and hide under the disk when it comes. One that lies there from before it had a disk becomes root's,
# so that it is not taken for the disk. The step never fails; what a server cannot use its launcher
# names. Text alone, so that it can be run where there is no nixpkgs.
{ install, mountpoint }:
''
  # own-directories USER GROUP [MOUNT-POINT DIRECTORY]...
  user=$1 group=$2
  shift 2
  while [ $# -gt 0 ]; do
    if ${mountpoint} -q "$1"; then
      # the directory itself and nothing below it: walking a full disk takes minutes
      ${install} -d -m 0750 -o "$user" -g "$group" "$2" || true
    else
      echo "$1 is not mounted: $2 is left out" >&2
      if [ -d "$2" ]; then ${install} -d -m 0700 -o root -g root "$2" || true; fi
    fi
    shift 2
  done
''

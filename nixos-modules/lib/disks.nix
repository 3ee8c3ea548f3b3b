# The disks below a server's directories, as units of systemd.
# It must not know which product runs.
{
  config,
  lib,
  utils,
}:
let
  # Of a directory: of the mount points above it the lowest, where one is declared.
  mountPointOf =
    directory:
    lib.foldl' (
      deepest:
      { mountPoint, ... }:
      if lib.stringLength mountPoint > lib.stringLength deepest then mountPoint else deepest
    ) "/" (fileSystemsOf [ directory ]);

  # File systems that hold one of these directories. The root is always there.
  fileSystemsOf =
    directories:
    lib.filter (
      { mountPoint, ... }:
      mountPoint != "/" && lib.any (directory: lib.hasPrefix "${mountPoint}/" "${directory}/") directories
    ) (lib.attrValues config.fileSystems);

  mountOf = { mountPoint, ... }: "${utils.escapeSystemdPath mountPoint}.mount";

  deviceOf =
    { device, label, ... }:
    let
      path =
        if device != null then
          device
        else if label != null then
          "/dev/disk/by-label/${label}"
        else
          "";
    in
    lib.optional (lib.hasPrefix "/dev/" path) "${utils.escapeSystemdPath path}.device";
in
{
  inherit mountPointOf;
  mountsOf = directories: map mountOf (fileSystemsOf directories);
  # the units that come with a disk: its mount, and its device where it has one
  unitsOf =
    directories: lib.concatMap (disk: [ (mountOf disk) ] ++ deviceOf disk) (fileSystemsOf directories);
  onSeveral = directories: lib.length (lib.unique (map mountPointOf directories)) > 1;
}

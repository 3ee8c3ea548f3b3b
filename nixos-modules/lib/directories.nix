# [K401] Which directories may hold a server's data. The same list as the generator's rule.
{ lib }:
let
  forbidden = [
    "/nix"
    "/tmp"
    "/var/tmp"
    "/boot"
    "/run"
    "/var/run"
    "/var/lock"
    "/bin"
    "/sbin"
    "/lib"
    "/lib64"
    "/usr"
    "/proc"
    "/sys"
    "/dev"
    "/etc"
    "/home"
    "/root"
  ];
  # Others live in these: a unit makes its directory its user's own, with mode 0750.
  shared = [
    "/var"
    "/var/lib"
    "/var/log"
    "/var/cache"
    "/srv"
    "/opt"
    "/mnt"
    "/media"
  ];
  within = parent: path: lib.hasPrefix "${parent}/" "${path}/";
  faultOf =
    path:
    let
      parent = lib.findFirst (parent: within parent path) null forbidden;
    in
    if !lib.hasPrefix "/" path then
      "is not an absolute path"
    else if parent != null then
      "is under ${parent}, which does not keep data"
    else if lib.elem path shared then
      "is not one server's alone"
    else
      null;
in
{
  # option: its name, for the message; paths: [ ] where it is missing
  assertions =
    { option, paths }:
    if paths == [ ] then
      [
        {
          assertion = false;
          message = "[K401] ${option} is missing: name the directory for the data, on a disk of its own if there is one";
        }
      ]
    else
      map (path: {
        assertion = faultOf path == null;
        message = "[K401] ${option}: ${path} ${toString (faultOf path)}: use a directory on a disk that stays, such as /data or one below /var/lib";
      }) paths;
}

# [K401] Which directories may hold a server's data, by the table that the generator's rule reads.
{ lib }:
let
  inherit (lib.importJSON ../../generator/directories.json) forbidden shared;
  within = parent: path: lib.hasPrefix "${parent}/" "${path}/";
  faultOf =
    path:
    let
      parent = lib.findFirst (parent: within parent path) null (lib.attrNames forbidden);
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

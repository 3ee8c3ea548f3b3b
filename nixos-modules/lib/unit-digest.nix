# A digest of what NixOS restarts a service for: with another one it does, with the same one it does not. It stands in
# the environment of the service, and so in that of its processes, where it says by which unit each was started.
{ lib }:
let
  variable = "KAFNIX_UNIT";
  # What NixOS's switcher passes over, and what it reloads for.
  ignored = lib.importJSON ../../generator/unit-keys.json ++ [ "X-Reload-Triggers" ];
in
{
  inherit variable;
  # A module of the service. It reads what it adds to: in an order, a definition is not looked at before its value is
  # asked for.
  module =
    { globalEnvironment }:
    { config, ... }:
    {
      environment.${variable} = lib.mkOrder 1000 (
        builtins.hashString "sha256" (
          builtins.toJSON {
            unit = removeAttrs config.unitConfig ignored;
            service = removeAttrs config.serviceConfig [ "ExecReload" ];
            environment = globalEnvironment // removeAttrs config.environment [ variable ];
          }
        )
      );
    };
}

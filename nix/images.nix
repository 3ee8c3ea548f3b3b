# The images of hosts: host → format → image. A host that does not run kafnix has none.
{ lib }:
configurations:
lib.mapAttrs (_: host: host.config.system.build.kafnixImages) (
  lib.filterAttrs (_: host: host.options ? services.kafnix.images) configurations
)

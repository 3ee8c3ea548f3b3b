# What the words stand for that say who may reach a port: names of groups, and networks.
# It must not know any port.
{ lib, groups }:
{
  isGroup = word: groups ? ${word};

  # its addresses and networks
  addressesOf =
    word:
    groups.${word} or (
      if builtins.match "[0-9a-fA-F:./]+" word != null then
        [ word ]
      else
        throw "${word} is no address, no network and none of services.kafnix.cluster.groups: ${toString (lib.attrNames groups)}"
    );

  isIPv6 = lib.hasInfix ":";
}

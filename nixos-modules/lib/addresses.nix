# The units that give this host its addresses in the cluster's networks, where its configuration says so.
# An address that DHCP or something unknown brings has none. It must not know which product runs.
{ config, lib }:
let
  inherit (config) networking;
  inherit (config.systemd) network;

  # One IPv6 address has many spellings.
  canonical =
    text:
    let
      address = lib.head (lib.splitString "/" text);
    in
    if builtins.match "[0-9a-fA-F:]*:[0-9a-fA-F:]*" address == null then
      address
    else
      (lib.network.ipv6.fromString address).address;
  own = map canonical config.services.kafnix.addresses;
  carries = lib.any (address: lib.elem (canonical address) own);

  # Since NixOS 26.05 such a unit is started by its card and ordered against no target.
  scripted =
    card:
    lib.optional (carries (
      map (it: it.address) (card.ipv4.addresses ++ card.ipv6.addresses)
    )) "network-addresses-${card.name}.service";

  # It ends when the addresses of the card can be bound to, IPv6's search for duplicates included.
  # A pattern names no card.
  networkd =
    {
      matchConfig,
      address,
      addresses,
      ...
    }:
    let
      given = address ++ map (it: it.Address or it.addressConfig.Address or "") addresses;
      names = lib.toList (matchConfig.Name or [ ]);
      cards = lib.filter (name: builtins.match "[^][ *?!]+" name != null) names;
    in
    lib.optionals (carries given) (map (card: "systemd-networkd-wait-online@${card}.service") cards);

  wgQuick = name: tunnel: lib.optional (carries tunnel.address) "wg-quick-${name}.service";
in
lib.unique (
  lib.optionals (!networking.useNetworkd) (
    lib.concatMap scripted (lib.attrValues networking.interfaces)
  )
  ++ lib.optionals network.enable (lib.concatMap networkd (lib.attrValues network.networks))
  ++ lib.concatLists (lib.mapAttrsToList wgQuick networking.wg-quick.interfaces)
)

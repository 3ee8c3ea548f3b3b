# Opens the ports of this host's servers to those who need them, in NixOS's own firewall.
# It must not know which server listens where, or who needs it: the generated host file says so.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.kafnix.firewall;
  inherit (config.services.kafnix) cluster;
  enabled = lib.any (role: config.services.kafnix.${role}.enable or false) (
    lib.attrNames (import ./roles)
  );
  groups = import ./lib/groups.nix {
    inherit lib;
    inherit (cluster) groups;
  };

  families = [
    {
      name = "ip";
      has = address: !groups.isIPv6 address;
    }
    {
      name = "ip6";
      has = groups.isIPv6;
    }
  ];
  set = addresses: "{ ${lib.concatStringsSep ", " addresses} }";

  # A group stands once in the text, however many openings name it.
  variableOf = group: family: "kafnix-${lib.replaceStrings [ "@" ] [ "." ] group}.${family.name}";
  used = lib.filter groups.isGroup (
    lib.unique (lib.concatMap (opening: lib.optionals (opening.from != null) opening.from) cfg.openings)
  );
  # group → family → its addresses
  members = lib.genAttrs used (
    group:
    lib.listToAttrs (
      map (
        family: lib.nameValuePair family.name (lib.filter family.has (groups.addressesOf group))
      ) families
    )
  );
  definitionsOf =
    group:
    lib.concatMap (
      family:
      let
        addresses = members.${group}.${family.name};
      in
      lib.optional (addresses != [ ]) "define ${variableOf group family} = ${set addresses}"
    ) families;

  # Those of `from` that the family has, as nftables writes them. Groups and networks may overlap,
  # which one set must not.
  sourcesOf =
    from: family:
    let
      parts = lib.partition groups.isGroup from;
      networks = lib.filter family.has (lib.concatMap groups.addressesOf parts.wrong);
    in
    lib.concatMap (
      group:
      lib.optional (members.${group}.${family.name} != [ ]) {
        name = group;
        text = "$" + variableOf group family;
      }
    ) parts.right
    ++ lib.optional (networks != [ ]) {
      name = "the declared networks";
      text = set networks;
    };

  rulesOf =
    {
      what,
      address,
      port,
      from,
    }:
    let
      # nftables takes 127 bytes
      comment = who: ''comment "${lib.substring 0 120 "${what}, from ${who}"}"'';
      to =
        family:
        lib.optionalString (address != null) "${family.name} daddr ${address} "
        + "tcp dport ${toString port}";
      own = lib.findFirst (family: family.has address) null families;
      ofFamily =
        family:
        map (source: "${to family} ${family.name} saddr ${source.text} accept ${comment source.name}") (
          sourcesOf from family
        );
    in
    if from == null then
      [ "${to own} accept ${comment "everybody"}" ]
    else if address == null then
      lib.concatMap ofFamily families
    else
      ofFamily own;

  # Why the rules would be void, which NixOS says nowhere.
  inherit (config) networking;
  void =
    if !networking.firewall.enable then
      "networking.firewall.enable is off"
    else if !networking.nftables.enable then
      "networking.nftables.enable is off"
    else if networking.firewall.backend != "nftables" then
      "networking.firewall.backend is ${networking.firewall.backend}"
    else
      "";
in
{
  options.services.kafnix = {
    firewall = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether the NixOS firewall opens the ports of this host's servers, each to those that
          need it, and to nobody else. It needs the firewall that NixOS makes with nftables, which
          is turned on unless the machine file says otherwise: with iptables or firewalld
          ({option}`networking.firewall.backend`) its rules would have no effect. Turn this off where something else
          guards the ports: then kafnix opens none and closes none.
        '';
      };
      openings = mkOption {
        default = [ ];
        example = [
          {
            what = "ZooKeeper peers";
            address = "10.0.0.11";
            port = 2888;
            from = [
              "ensemble"
              "10.9.0.0/24"
            ];
          }
        ];
        description = ''
          What is open on this host. The generated host file lists it;
          {command}`kafnix show firewall` prints the same for all hosts. What
          {option}`networking.firewall.allowedTCPPorts` opens comes on top, and to everybody.
        '';
        type = types.listOf (
          types.submodule {
            options = {
              what = mkOption {
                type = types.strMatching "[ !#-~]+";
                description = "What listens there, for people: it becomes the rule's comment.";
              };
              address = mkOption {
                type = types.nullOr (types.strMatching "[0-9a-fA-F:.]+");
                default = null;
                description = "The address that is listened on; `null` for every address of the host.";
              };
              port = mkOption {
                type = types.port;
                description = "The TCP port.";
              };
              from = mkOption {
                type = types.nullOr (types.listOf types.str);
                description = ''
                  Who may reach it: names of {option}`services.kafnix.cluster.groups`, addresses and
                  networks (`10.9.0.0/24`, `fd00:9::/64`). `null` for everybody, an empty list for
                  nobody.
                '';
              };
            };
          }
        );
      };
    };

    cluster.groups = mkOption {
      type = types.attrsOf (types.listOf types.str);
      default = { };
      example.ensemble = [
        "10.0.0.11"
        "10.0.0.12"
        "10.0.0.13"
      ];
      description = ''
        Name → addresses of the hosts that {option}`services.kafnix.firewall.openings` and the
        servers' `peers` name together. IPv4 and IPv6 may stand in one group.
      '';
    };
  };

  config = lib.mkIf (enabled && cfg.enable) {
    networking.nftables.enable = lib.mkDefault true;
    networking.firewall.extraInputRules = lib.concatLines (
      lib.concatMap definitionsOf used ++ lib.concatMap rulesOf cfg.openings
    );

    assertions = [
      {
        assertion = void == "";
        message = "[K801] ${void}, and the ports of this host are opened by rules that the NixOS firewall reads with nftables alone: change it, or set services.kafnix.firewall.enable = false where something else guards them";
      }
    ];
  };
}

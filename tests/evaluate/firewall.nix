# The rules that are made of a host's openings, and the units' peers.
{ lib, pkgs }:
let
  evaluate = import ./stub.nix { inherit lib pkgs; };
  hostOf =
    more:
    (evaluate [
      ./right-host.nix
      {
        services.kafnix.cluster.groups = {
          ensemble = [
            "10.0.0.11"
            "10.0.0.12"
          ];
          "brokers@internal" = [
            "10.0.0.11"
            "fd00::1"
          ];
        };
      }
      more
    ]).config;

  opening = {
    what = "a listener";
    address = "10.0.0.11";
    port = 9092;
    from = [ "ensemble" ];
  };
  rulesOf =
    change:
    lib.filter (line: line != "") (
      lib.splitString "\n"
        (hostOf { services.kafnix.firewall.openings = [ (opening // change) ]; })
        .networking.firewall.extraInputRules
    );
  is = name: expected: got: {
    name = "firewall: ${name}";
    problem =
      if got == expected then
        null
      else
        "expected ${builtins.toJSON expected}, got ${builtins.toJSON got}";
  };
  rules =
    name: change: expected:
    is name expected (rulesOf change);

  failed = config: map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
  refused =
    name: networking:
    let
      messages = failed (hostOf {
        inherit networking;
      });
      said = toString messages;
    in
    is "a machine file that ${name} is met by one assertion that names the way out" true (
      lib.length messages == 1
      && lib.hasPrefix "[K801] " said
      && lib.hasInfix "services.kafnix.firewall.enable = false" said
    );

  peersOf =
    role: peers:
    let
      inherit ((hostOf { services.kafnix.${role} = { inherit peers; }; }).systemd.services.${role})
        serviceConfig
        ;
    in
    [
      (serviceConfig.IPAddressDeny or null)
      (serviceConfig.IPAddressAllow or null)
    ];
  off = hostOf {
    services.kafnix.firewall = {
      enable = false;
      openings = [ opening ];
    };
    networking.nftables.enable = false;
  };
in
[
  (rules "a group stands once, and one rule names it" { } [
    "define kafnix-ensemble.ip = { 10.0.0.11, 10.0.0.12 }"
    ''ip daddr 10.0.0.11 tcp dport 9092 ip saddr $kafnix-ensemble.ip accept comment "a listener, from ensemble"''
  ])
  (rules "an address is reached by its own family only"
    {
      address = "fd00::1";
      from = [
        "ensemble"
        "brokers@internal"
        "10.9.0.0/24"
      ];
    }
    [
      "define kafnix-ensemble.ip = { 10.0.0.11, 10.0.0.12 }"
      "define kafnix-brokers.internal.ip = { 10.0.0.11 }"
      "define kafnix-brokers.internal.ip6 = { fd00::1 }"
      ''ip6 daddr fd00::1 tcp dport 9092 ip6 saddr $kafnix-brokers.internal.ip6 accept comment "a listener, from brokers@internal"''
    ]
  )
  (rules "every address is reached by both families"
    {
      address = null;
      from = [
        "brokers@internal"
        "10.9.0.0/24"
        "10.8.0.1"
        "fd00:9::/64"
      ];
    }
    [
      "define kafnix-brokers.internal.ip = { 10.0.0.11 }"
      "define kafnix-brokers.internal.ip6 = { fd00::1 }"
      ''tcp dport 9092 ip saddr $kafnix-brokers.internal.ip accept comment "a listener, from brokers@internal"''
      ''tcp dport 9092 ip saddr { 10.9.0.0/24, 10.8.0.1 } accept comment "a listener, from the declared networks"''
      ''tcp dport 9092 ip6 saddr $kafnix-brokers.internal.ip6 accept comment "a listener, from brokers@internal"''
      ''tcp dport 9092 ip6 saddr { fd00:9::/64 } accept comment "a listener, from the declared networks"''
    ]
  )
  (rules "everybody is a rule without a source" { from = null; } [
    ''ip daddr 10.0.0.11 tcp dport 9092 accept comment "a listener, from everybody"''
  ])
  (rules "everybody at every address is a rule of the port alone" {
    address = null;
    from = null;
  } [ ''tcp dport 9092 accept comment "a listener, from everybody"'' ])
  (rules "nobody is no rule" { from = [ ]; } [ ])
  (rules "those of another family only are no rule" { from = [ "fd00:9::/64" ]; } [ ])
  (is "a comment is no longer than nftables takes" true (
    lib.all (line: lib.stringLength (lib.last (lib.splitString "comment " line)) <= 128) (rulesOf {
      what = lib.fixedWidthString 200 "x" "";
      from = null;
    })
  ))
  (is "a word that is neither group nor network is refused" false
    (builtins.tryEval (builtins.deepSeq (rulesOf { from = [ "ensembel" ]; }) null)).success
  )
  (is "nftables is turned on, and the machine file may say otherwise"
    [ true false ]
    [
      (hostOf { }).networking.nftables.enable
      off.networking.nftables.enable
    ]
  )
  (is "turned off, it opens nothing and asks for nothing"
    [
      [ ]
      false
    ]
    [
      (failed off)
      (off.networking.firewall ? extraInputRules)
    ]
  )
  (refused "turns nftables off" { nftables.enable = false; })
  (refused "turns the firewall off" { firewall.enable = false; })
  (refused "leaves the firewall to firewalld" { firewall.backend = "firewalld"; })
  (refused "leaves the firewall to iptables" { firewall.backend = "iptables"; })
]
++
  lib.concatMap
    (role: [
      (is "${role} talks to its peers and to loopback only"
        [
          "any"
          [
            "localhost"
            "10.0.0.11"
            "10.0.0.12"
            "10.9.0.0/24"
            "fd00::1"
          ]
        ]
        (
          peersOf role [
            "ensemble"
            "10.9.0.0/24"
            "brokers@internal"
          ]
        )
      )
      (is "${role} without peers talks to everybody" [ null null ] (peersOf role null))
      (is "${role} with no peer at all talks to loopback" [
        "any"
        [ "localhost" ]
      ] (peersOf role [ ]))
    ])
    [
      "zookeeper"
      "kafka"
    ]

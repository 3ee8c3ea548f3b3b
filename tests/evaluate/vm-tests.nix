# The VM tests: each evaluates to derivations, and its virtual machines are the hosts, but for what a virtual machine
# has of its own. Prints lines as tests/evaluate/run counts them.
{
  trees ? null,
}:
let
  inherit (import ./nixpkgs.nix { inherit trees; }) lib;
  kafnix = ../../nixos-modules;
  tests = import ../../nix/own-vm-tests.nix { inherit lib kafnix; };
  user = import ../user.nix { inherit lib kafnix; } {
    hosts = ../../hosts;
    machines = ../../machines;
  };
  # as if somebody's own
  ofSpec =
    spec: hosts:
    import ../../nix/vm-tests.nix { inherit lib; } {
      hosts = lib.mapAttrs (_: folder: [
        kafnix
        (../specs + "/${spec}/hosts/${folder}")
        ./machine.nix
        { services.kafnix.zookeeper.state = lib.mkOverride 99 "existing"; }
      ]) hosts;
    };
  same = hosts: lib.genAttrs hosts (host: host);
  small = ofSpec "one-host" (same [ "single" ]);

  line = name: holds: "${if holds then "ok" else "FAILED"} VM tests: ${name}\n";
  isEvaluated = lib.hasSuffix ".drv";
  each =
    cluster: name: test:
    line "${cluster}: ${name} evaluates to a derivation" (
      isEvaluated test.drvPath && isEvaluated test.driver.drvPath
    );

  inherit (tests.repository.the_cluster_forms) nodes;
  inherit (import ./clusters.nix { inherit lib; }) repository;
  every = holds: lib.all (name: holds repository.${name} nodes.${name}) (lib.attrNames repository);
  addressesOf =
    node:
    map (it: it.address) (
      node.networking.interfaces.eth1.ipv4.addresses ++ node.networking.interfaces.eth1.ipv6.addresses
    );
  names = lib.attrNames;
  plain = builtins.unsafeDiscardStringContext;
  scriptOf = test: test.driver.testScript;
in
lib.concatStrings (
  lib.concatLists (lib.mapAttrsToList (cluster: lib.mapAttrsToList (each cluster)) tests)
  ++ [
    (line "a virtual machine mounts the host's data disks, and its units need them as the host's do" (
      every (
        host: node:
        lib.all (
          mountPoint:
          node.fileSystems.${mountPoint}.autoFormat
          && node.fileSystems.${mountPoint}.fsType == host.fileSystems.${mountPoint}.fsType
        ) (names host.services.kafnix.dataDisks)
        && host.services.kafnix.dataDisks != { }
        &&
          node.systemd.services.zookeeper.unitConfig.RequiresMountsFor
          == host.systemd.services.zookeeper.unitConfig.RequiresMountsFor
        && lib.all (mount: lib.elem mount node.systemd.services.kafka.wants) (
          lib.filter (lib.hasSuffix ".mount") host.systemd.services.kafka.wants
        )
      )
    ))
    (line "a virtual machine has the addresses of the spec, and finds the others by theirs" (
      every (
        host: node:
        lib.sort lib.lessThan (addressesOf node) == lib.sort lib.lessThan host.services.kafnix.addresses
        && node.networking.extraHosts == ""
        && node.networking.hosts == host.networking.hosts
      )
    ))
    (line "a virtual machine has the firewall of the host" (
      every (
        host: node:
        node.networking.nftables.tables.nixos-fw.content == host.networking.nftables.tables.nixos-fw.content
      )
    ))
    (line "a virtual machine has the configuration of the host, whatever its heap" (
      every (
        host: node:
        lib.all (file: node.environment.etc.${file}.text == host.environment.etc.${file}.text) [
          "zookeeper/zoo.cfg"
          "kafka/server.properties"
        ]
        && node.services.kafnix.kafka.heap == "512m"
      )
    ))
    (line "a test runs its own scenario, on all hosts" (
      lib.all (
        name:
        scriptOf user.${name}
        == "from scenarios.${name} import scenario\n\nscenario(kafka01, kafka02, kafka03)\n"
      ) (names user)
      && lib.hasInfix (plain "${user.the_cluster_forms.driver}") (
        plain user.the_cluster_forms.buildCommand
      )
    ))
    (line "what needs the other driver, or one cluster, is no test of anybody's" (
      !(user ? a_missing_disk_starts_its_units_when_it_comes)
      && !(tests.repository ? a_missing_disk_starts_its_units_when_it_comes)
      && tests.repository ? a_stranger_reaches_the_client_listener_alone
      && !(user ? a_stranger_reaches_the_client_listener_alone)
      && names tests.manual-installation == [ "the_versions_of_the_manual_installation_serve" ]
      && names tests.jbod == [ ]
    ))
    (line "a cluster that cannot lose a host gets one test" (names small == [ "the_cluster_forms" ]))
    (line "a cluster some of whose ensemble is elsewhere gets none" (
      ofSpec "unmanaged-member" (same [
        "k1"
        "k2"
        "watcher"
      ]) == { }
      &&
        ofSpec "external-ensemble" (same [
          "k1"
          "k2"
        ]) == { }
    ))
    (line "a host has the name that the test driver gives it" (
      lib.hasInfix "scenario(_a_b)" (
        scriptOf (ofSpec "one-host" { "3a-b" = "single"; }).the_cluster_forms
      )
    ))
    (line "a virtual machine's ensemble is new, for its disks are empty" (
      small.the_cluster_forms.nodes.single.services.kafnix.zookeeper.state == "new"
    ))
    (line "a host that is switched has another configuration to be switched to" (
      let
        inherit (tests.repository.a_switch_restarts_only_what_changed.nodes.kafka01) specialisation;
      in
      lib.hasInfix "log.retention.hours=100"
        specialisation.changed.configuration.environment.etc."kafka/server.properties".text
      && nodes.kafka01.specialisation == { }
    ))
  ]
)

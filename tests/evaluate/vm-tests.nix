# The NixOS tests of the scenarios, in virtual machines and in containers: `tests` as
# default.nix has them, `derivations` what each test is made of, and `driver` the source of NixOS's test driver.
{
  nixpkgs ? null,
  # whether the tests of every cluster are evaluated, or those of the repository's alone
  everyCluster ? true,
}:
let
  inherit (import ./nixpkgs.nix { inherit nixpkgs; }) lib pkgs;
  kafnix = ../../nixos-modules;
  packagesOf = _: pkgs;
  ownTests =
    containers:
    import ../vms/own.nix {
      inherit
        lib
        kafnix
        packagesOf
        containers
        ;
    };
  tests = ownTests false;
  containers = ownTests true;
  userTests =
    containers:
    import ../vms/lib.nix { inherit lib kafnix packagesOf; } {
      hosts = ../../hosts;
      machines = ../../machines;
      inherit containers;
    };
  user = userTests false;
  # as if somebody's own
  ofSpec =
    spec: hosts:
    import ../vms { inherit lib packagesOf; } {
      hosts = lib.mapAttrs (_: folder: [
        kafnix
        (../specs + "/${spec}/hosts/${folder}")
        ./machine.nix
        { services.kafnix.zookeeper.state = lib.mkOverride 99 "existing"; }
      ]) hosts;
    };
  same = hosts: lib.genAttrs hosts (host: host);
  small = ofSpec "one-host" (same [ "single" ]);
  # hosts of one spec, with modules of their own: host → its machine in the test
  own =
    modules:
    (import ../vms
      {
        inherit lib;
        packagesOf = _: pkgs.appendOverlays [ (_: _: { kafnix-test = "shared"; }) ];
      }
      {
        hosts = lib.mapAttrs (
          _: own:
          [
            kafnix
            (../specs + "/one-host/hosts/single")
            ./machine.nix
          ]
          ++ own
        ) modules;
      }
    ).the_cluster_forms.machines;

  test = name: holds: {
    inherit name;
    problem = if holds then null else "it does not hold";
  };
  inherit (tests.repository.the_cluster_forms) nodes;
  inherit (import ./clusters.nix { inherit lib; }) repository;
  every = holds: lib.all (name: holds repository.${name} nodes.${name}) (lib.attrNames repository);
  addressesOf =
    node:
    map (it: it.address) (
      node.networking.interfaces.eth1.ipv4.addresses ++ node.networking.interfaces.eth1.ipv6.addresses
    );
  names = lib.attrNames;
  scriptOf = test: test.driver.testScript;
  # Restarts of a container, or what it has of the kernel, cannot be relied upon.
  forContainers = lib.filter (
    name:
    !lib.elem name [
      "a_host_is_cut_off_and_comes_back"
      "a_host_loses_power_under_load"
      "a_stranger_reaches_the_client_listener_alone"
      "a_switch_restarts_only_what_changed"
      "all_hosts_lose_power_at_once"
      "all_hosts_power_off_together_in_time"
      "declared_topics_are_created_once"
      "the_quorum_is_lost_and_regained"
      "the_units_keep_strangers_out_by_themselves"
    ]
  );

  derivationsOf =
    kind:
    lib.concatMapAttrs (
      cluster:
      lib.mapAttrs' (
        scenario: test:
        lib.nameValuePair "${kind}: ${cluster}: ${scenario}" {
          inherit scenario;
          inherit (test) drvPath;
          machines = lib.length (lib.attrNames test.machines);
        }
      )
    );
in
{
  driver = toString (pkgs.path + "/nixos/lib");
  derivations =
    let
      wanted = if everyCluster then lib.id else (found: { inherit (found) repository; });
    in
    derivationsOf "VM" (wanted tests) // derivationsOf "container" (wanted containers);
  tests = [
    (test "a virtual machine mounts the host's data disks, and its units need them as the host's do" (
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
    (test "a virtual machine has the addresses of the spec, and finds the others by theirs" (
      every (
        host: node:
        lib.sort lib.lessThan (addressesOf node) == lib.sort lib.lessThan host.services.kafnix.addresses
        && node.networking.extraHosts == ""
        && node.networking.hosts == host.networking.hosts
      )
    ))
    (test "a virtual machine has the firewall of the host" (
      every (
        host: node:
        node.networking.nftables.tables.nixos-fw.content == host.networking.nftables.tables.nixos-fw.content
      )
    ))
    (test "a virtual machine has the configuration of the host, whatever its heap" (
      every (
        host: node:
        lib.all (file: node.environment.etc.${file}.text == host.environment.etc.${file}.text) [
          "zookeeper/zoo.cfg"
          "kafka/server.properties"
        ]
        && node.services.kafnix.kafka.heap == "512m"
      )
    ))
    (test "the hosts of a test share one package set, but for one that says something of nixpkgs" (
      let
        machines = own {
          a = [ { nixpkgs.overlays = [ (_: _: { kafnix-test = "its own"; }) ]; } ];
          b = [ { services.kafnix.zookeeper.enable = lib.mkForce false; } ];
        };
        of = name: machines.${name}.nixpkgs.pkgs.kafnix-test or null;
      in
      of "a" == "its own" && of "b" == "shared"
    ))
    (test "a container has no kernel and no disk, and the rest of the host" (
      every (
        host: _:
        let
          container = containers.repository.the_cluster_forms.machines.${host.networking.hostName};
        in
        lib.all (mountPoint: container.fileSystems.${mountPoint}.fsType == "tmpfs") (
          names host.services.kafnix.dataDisks
        )
        && !(container.fileSystems ? "/boot")
        &&
          lib.sort lib.lessThan (addressesOf container)
          == lib.sort lib.lessThan host.services.kafnix.addresses
        &&
          container.environment.etc."zookeeper/zoo.cfg".text == host.environment.etc."zookeeper/zoo.cfg".text
        &&
          container.systemd.services.kafka.serviceConfig
          == nodes.${host.networking.hostName}.systemd.services.kafka.serviceConfig
      )
    ))
    (test "containers run each scenario that needs no power, cable or kernel of its own" (
      names containers.repository == forContainers (names tests.repository)
      && names (userTests true) == forContainers (names user)
      && !lib.elem "kvm" containers.repository.the_cluster_forms.drvAttrs.requiredSystemFeatures
      && lib.elem "uid-range" containers.repository.the_cluster_forms.drvAttrs.requiredSystemFeatures
    ))
    (test "what needs the other driver, or one cluster, is no test of anybody's" (
      !(user ? a_missing_disk_starts_its_units_when_it_comes)
      && !(tests.repository ? a_missing_disk_starts_its_units_when_it_comes)
      && tests.repository ? a_stranger_reaches_the_client_listener_alone
      && !(user ? a_stranger_reaches_the_client_listener_alone)
      && names tests.manual-installation == [ "the_versions_of_the_manual_installation_serve" ]
      && names tests.jbod == [ ]
    ))
    (test "a cluster that cannot lose a host gets one test" (names small == [ "the_cluster_forms" ]))
    (test "a cluster some of whose ensemble is elsewhere gets none" (
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
    (test "a host has the name that the test driver gives it" (
      lib.hasInfix "](_a_b)" (scriptOf (ofSpec "one-host" { "3a-b" = "single"; }).the_cluster_forms)
    ))
    (test "a virtual machine's ensemble is new, for its disks are empty" (
      small.the_cluster_forms.nodes.single.services.kafnix.zookeeper.state == "new"
    ))
    (test "a host that is switched has another configuration to be switched to" (
      let
        inherit (tests.repository.a_switch_restarts_only_what_changed.nodes.kafka01) specialisation;
      in
      lib.hasInfix "log.retention.hours=100"
        specialisation.changed.configuration.environment.etc."kafka/server.properties".text
      && nodes.kafka01.specialisation == { }
    ))
  ];
}

# The scenarios as NixOS tests of one cluster: scenario → its test, in virtual machines or in containers. All of them
# have the same machines and the same driver, which are evaluated once: a scenario is chosen by the environment of the
# test's derivation. A scenario is found by listing the folders, which say where it can run.
{
  lib,
  # system → package set, for the hosts that ask for none of their own
  packagesOf,
}:
{
  # host → its modules
  hosts,
  # arguments of all modules
  specialArgs ? { },
  # the spec of this repository that the hosts are of; null for anybody's
  cluster ? null,
  # whether the machines are containers (systemd-nspawn) and not virtual machines
  containers ? false,
}:
let
  systems = lib.mapAttrs (
    _: modules:
    lib.nixosSystem {
      modules = modules ++ [ (import ../../nix/shared-packages.nix packagesOf) ];
      inherit specialArgs;
    }
  ) hosts;
  inherit (lib.head (lib.attrValues systems)) pkgs;

  scenarios = ../scenarios;
  # scenario → its folder
  folders =
    lib.concatMapAttrs
      (
        folder: _:
        lib.mapAttrs' (file: _: lib.nameValuePair (lib.removeSuffix ".py" file) folder) (
          lib.filterAttrs (file: type: type == "regular" && lib.hasSuffix ".py" file) (
            builtins.readDir (scenarios + "/${folder}")
          )
        )
      )
      (
        lib.genAttrs (
          [
            "everywhere"
            "systemd"
          ]
          ++ lib.optional (!containers) "machines"
        ) lib.id
      );
  constant =
    key: name:
    let
      lines = lib.splitString "\n" (builtins.readFile (scenarios + "/${folders.${name}}/${name}.py"));
      found = lib.filter (lib.hasPrefix "${key} = ") lines;
    in
    if found == [ ] then
      null
    else
      lib.replaceStrings [ "\"" ] [ "" ] (lib.removePrefix "${key} = " (lib.head found));

  switches = name: constant "SWITCHES" name == "True";

  having =
    role: lib.filter (system: system.config.services.kafnix.${role}.enable) (lib.attrValues systems);
  servers = having "zookeeper";
  # as every server of the ensemble has it
  members = lib.attrValues (
    lib.filterAttrs (key: _: lib.hasPrefix "server." key) (
      lib.optionalAttrs (servers != [ ]) (lib.head servers).config.services.kafnix.zookeeper.settings
    )
  );
  # Members that another system runs, or an ensemble of another spec, are not there to form a quorum with.
  isComplete = servers != [ ] && lib.length members == lib.length servers;
  # Three of each are what a scenario takes to lose one and go on.
  isWhole =
    lib.count (member: !lib.hasInfix ":observer" member) members >= 3
    && lib.length (having "kafka") >= 3;
  fits =
    name:
    let
      of = constant "CLUSTER" name;
      anybody = of == null && (cluster == null || cluster == "repository");
    in
    isComplete
    && (anybody || (of != null && of == cluster))
    && (isWhole || name == "the_cluster_forms");

  # as the test framework names its machines
  pythonName =
    name:
    let
      one = letters: character: if builtins.match letters character == null then "_" else character;
    in
    one "[A-z_]" (lib.substring 0 1 name)
    + lib.stringAsChars (one "[A-z0-9_]") (lib.substring 1 (-1) name);

  names = lib.filter fits (lib.attrNames folders);
  # Imports one by one, so that the driver checks the types of each; the names are those of files.
  script = ''
    import os

    ${lib.concatMapStrings (
      name: "from scenarios.${folders.${name}}.${name} import scenario as ${name}\n"
    ) names}
    scenarios = {
    ${lib.concatMapStrings (name: "    \"${name}\": ${name},\n") names}}
    scenarios[os.environ["${variable}"]](${
      lib.concatMapStringsSep ", " pythonName (lib.attrNames hosts)
    })
  '';
  variable = "KAFNIX_SCENARIO";

  # What is imported is what the hosts of the harness run, too. `py.typed` lets the driver's type check see it.
  library = python: ''
    mkdir -p $out/${python.sitePackages}
    cp -r ${scenarios} $out/${python.sitePackages}/scenarios
    cp -r ${scenarios}/helpers $out/${python.sitePackages}/helpers
    chmod -R u+w $out
    touch $out/${python.sitePackages}/scenarios/py.typed
  '';

  node =
    name: modules:
    { config, ... }:
    {
      imports = modules ++ [
        (import
          (
            if containers then
              ../../nixos-modules/images/container-parts.nix
            else
              ../../nixos-modules/images/vm-parts.nix
          )
          {
            # of the host itself: the file systems of a test machine are others
            inherit (systems.${name}.config.services.kafnix) dataDisks;
            card = "eth1";
          }
        )
      ];
      # the host's own, so that what the host says of nixpkgs is in it
      nixpkgs = {
        pkgs = lib.mkForce systems.${name}.pkgs;
        config = lib.mkForce { };
        overlays = lib.mkForce [ ];
      };
      networking = {
        useDHCP = lib.mkVMOverride false;
        primaryIPAddress = lib.mkVMOverride (
          lib.findFirst (address: !lib.hasInfix ":" address) "" config.services.kafnix.addresses
        );
        primaryIPv6Address = lib.mkVMOverride "";
        # The spec's names are there already, with the spec's addresses.
        extraHosts = lib.mkVMOverride "";
      };
    };

  frameworkOf =
    changes:
    (pkgs.testers.runNixOSTest (
      {
        name = "kafnix";
        node = {
          inherit specialArgs;
          # a host names its own platform
          pkgsReadOnly = false;
        };
        defaults = changes;
        extraPythonPackages = python: [
          (python.toPythonModule (pkgs.runCommand "kafnix-scenarios" { } (library python.python)))
        ];
        testScript = script;
      }
      // (
        if containers then
          {
            containers = lib.mapAttrs node hosts;
            # as NixOS's manual says: containers run on the builder's own kernel
            requiredFeatures.kvm = lib.mkForce false;
          }
        else
          { nodes = lib.mapAttrs node hosts; }
      )
    )).config;
  plain = frameworkOf { };
  # with a configuration that a running host can be switched to
  switching = frameworkOf { specialisation.changed.configuration = ../evaluate/changed.nix; };

  testOf =
    name:
    let
      framework = if switches name then switching else plain;
    in
    framework.rawTestDerivation.overrideAttrs (old: {
      name = lib.replaceStrings [ "kafnix" ] [ name ] old.name;
      env = (old.env or { }) // {
        ${variable} = name;
      };
      passthru = {
        inherit (framework) driver nodes;
        machines = if containers then framework.containers else framework.nodes;
        driverInteractive = pkgs.writeShellScriptBin "nixos-test-driver" ''
          ${variable}=${name} exec ${framework.interactive.driver}/bin/nixos-test-driver "$@"
        '';
      };
    });
in
lib.genAttrs names testOf

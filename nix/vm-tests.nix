# The scenarios of tests/scenarios as NixOS VM tests of one cluster: scenario → its test. All of them have the same
# virtual machines, which are evaluated once. A scenario is found by listing the folder, and says itself, in a line
# like `ONLY = "hosts"`, where it cannot run.
{ lib }:
{
  # host → its modules
  hosts,
  # arguments of all modules
  specialArgs ? { },
  # the spec of this repository that the hosts are of; null for anybody's
  cluster ? null,
}:
let
  systems = lib.mapAttrs (_: modules: lib.nixosSystem { inherit modules specialArgs; }) hosts;
  inherit (lib.head (lib.attrValues systems)) pkgs;

  folder = ../tests/scenarios;
  names = map (lib.removeSuffix ".py") (
    lib.attrNames (
      lib.filterAttrs (name: type: type == "regular" && lib.hasSuffix ".py" name) (
        builtins.readDir folder
      )
    )
  );
  constant =
    key: name:
    let
      lines = lib.splitString "\n" (builtins.readFile (folder + "/${name}.py"));
      found = lib.filter (lib.hasPrefix "${key} = ") lines;
    in
    if found == [ ] then
      null
    else
      lib.replaceStrings [ "\"" ] [ "" ] (lib.removePrefix "${key} = " (lib.head found));

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
    && constant "ONLY" name != "hosts"
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
  script = name: ''
    from scenarios.${name} import scenario

    scenario(${lib.concatMapStringsSep ", " pythonName (lib.attrNames hosts)})
  '';

  # What is imported is what tests/hosts runs. `py.typed` lets the driver's type check see it.
  scenarios = python: ''
    mkdir -p $out/${python.sitePackages}
    cp -r ${folder} $out/${python.sitePackages}/scenarios
    cp -r ${folder}/helpers $out/${python.sitePackages}/helpers
    chmod -R u+w $out
    touch $out/${python.sitePackages}/scenarios/py.typed
  '';

  node =
    name: modules:
    { config, ... }:
    {
      imports = modules ++ [
        (import ../nixos-modules/images/vm-parts.nix {
          # of the host itself: the file systems of a virtual machine are others
          inherit (systems.${name}.config.services.kafnix) dataDisks;
          card = "eth1";
        })
      ];
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
    (pkgs.testers.runNixOSTest {
      name = "kafnix";
      node = {
        inherit specialArgs;
        # a host names its own platform
        pkgsReadOnly = false;
      };
      nodes = lib.mapAttrs node hosts;
      defaults = changes;
      extraPythonPackages = python: [
        (python.toPythonModule (pkgs.runCommand "kafnix-scenarios" { } (scenarios python.python)))
      ];
      testScript = script "the_cluster_forms";
    }).config;
  plain = frameworkOf { };
  # with a configuration that a running host can be switched to
  switching = frameworkOf { specialisation.changed.configuration = ../tests/evaluate/changed.nix; };

  # The framework would evaluate the virtual machines anew for each test: what a test has of its own is the script
  # of its driver, and that driver.
  testOf =
    name:
    let
      framework = if constant "SWITCHES" name == "True" then switching else plain;
      own =
        driver:
        driver.overrideAttrs (
          old:
          assert old ? testScript;
          {
            name = "nixos-test-driver-${name}";
            testScript = script name;
          }
        );
      driver = own framework.driver;
    in
    framework.rawTestDerivation.overrideAttrs (
      old:
      let
        buildCommand = lib.replaceStrings [ "${framework.driver}" ] [ "${driver}" ] old.buildCommand;
      in
      assert buildCommand != old.buildCommand;
      {
        name = "vm-test-run-${name}";
        inherit buildCommand;
        passthru = {
          inherit driver;
          inherit (framework) nodes;
          driverInteractive = own framework.interactive.driver;
        };
      }
    );
in
lib.genAttrs (lib.filter fits names) testOf

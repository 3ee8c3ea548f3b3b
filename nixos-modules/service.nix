# The service of one role on a host: its options, account, configuration, command line, unit and tools, and what must
# hold of them. What is the role's own stands in its file of ./roles; a fact that a generator's rule holds, too, for
# what a machine file changes behind its back, carries the same code.
# It must not know any role.
name:
{
  config,
  lib,
  pkgs,
  utils,
  ...
}:
let
  inherit (lib) mkOption types;
  kafnix = config.services.kafnix;
  cfg = kafnix.${name};
  own = import (import ./roles).${name} { inherit config lib pkgs; };
  version = kafnix.versions.${own.product};
  option = "services.kafnix.${name}";

  settings = import ./lib/settings.nix { inherit lib; };
  properties = import ./lib/properties.nix;
  tables = (import ./lib/key-tables.nix).${own.product};
  packages = import ./packages { inherit pkgs; };
  server = import ./lib/server.nix {
    inherit
      config
      lib
      pkgs
      utils
      ;
  };
  directories = import ./lib/directories.nix { inherit lib; };
  unitDigest = import ./lib/unit-digest.nix { inherit lib; };
  secrets = import ./lib/secrets.nix { inherit lib; };
  versions = import ./lib/versions.nix {
    inherit lib;
    inherit (packages) pins;
  };

  # A jar is on the class path itself, a package with the jars that it has at its top and where Java libraries lie. The
  # JVM finds them, so that nothing is built to evaluate a host.
  extraJars = lib.concatMap (
    jar:
    if lib.hasSuffix ".jar" "${jar}" then
      [ "${jar}" ]
    else
      [
        "${jar}/*"
        "${jar}/share/java/*"
      ]
  ) cfg.extraJars;

  # The text that the server reads stays in the store.
  configFile = "${name}/${own.file}";
  directoriesOf = key: settings.directories (cfg.settings.${key} or null);

  # What the launcher makes the JVM's command line of, and of the process what it looks after. The generator says the
  # same, in `generator/src/launch.rs`, and a test compares the two.
  facts =
    cfg.place
    // {
      cluster = kafnix.cluster.name;
      release = version;
      inherit (cfg) heap;
      inherit (kafnix.versions) jdk;
    }
    // lib.optionalAttrs (cfg.classData != null) { class-data = "${cfg.classData}/java-arguments"; }
    // own.facts;

  idOption =
    what:
    mkOption {
      type = types.ints.between 1 65533;
      default = own.id;
      description = ''
        ${what} of ${name}. It is fixed, so that on a reinstalled host the disks that were kept
        belong to the right user. NixOS assigns other ids from 999 downwards, and its static ids
        are none between 400 and 999.
      '';
    };

  check = packages.configCheck {
    inherit (own) product;
    inherit (cfg) package;
    inherit (kafnix) jdk;
    inherit (cfg.place) config;
    inherit extraJars;
    id = own.checkedId or "";
  };
in
{
  imports = [ ./cluster.nix ];

  options.services.kafnix.${name} = {
    enable = lib.mkEnableOption "a ${own.server} on this host";

    package = mkOption {
      type = types.package;
      default = packages.${own.product}.${version} or (throw "[K501] ${own.title} ${version} has no pin");
      defaultText = lib.literalMD "the pinned release {option}`services.kafnix.versions.${own.product}`";
      example = lib.literalExpression own.otherPackage;
      description = "The release to run. Its jars are expected in {file}`${packages.jars.${own.product}}`.";
    };

    extraJars = mkOption {
      type = types.listOf types.path;
      default = [ ];
      example = lib.literalExpression "[ ../jars/metrics-reporter.jar pkgs.my-jars ]";
      description = ''
        Further jars for the server, whose classes its settings name: jar files, and packages or folders with jars
        at their top or in {file}`share/java`. They stand behind those of the release, whose classes win, and the
        class-data archive of the release still fits. To those of the spec (`${name}.extraJars`) these are added;
        `kafnix check` knows the spec's alone and warns of a class that only these have (K429), until the spec
        silences it.
      '';
    };

    heap = mkOption {
      type = types.strMatching "[1-9][0-9]*[kKmMgG]?";
      example = "4g";
      description = ''
        Size of the JVM's heap, for both `-Xms` and `-Xmx`, so that the heap never has to grow.
        Without it a JVM takes up to a quarter of the machine's memory.
      '';
    };

    javaOptions = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "-XX:MaxDirectMemorySize=1g" ];
      description = "Further arguments of the JVM, behind those that kafnix gives.";
    };

    classData = mkOption {
      type = types.nullOr (types.either types.package types.path);
      default = packages.classData {
        inherit (own) product;
        inherit version;
        inherit (cfg) package;
        inherit (kafnix) launcher jdk;
        major = kafnix.versions.jdk;
      };
      defaultText = lib.literalMD "made from the release with this host's JDK, from JDK 13 on; else `null`";
      example = null;
      description = ''
        Class-data archive, with which the JVM need not read and check its classes one by one: the server
        starts in about two thirds of the time (seen with JDK 17: ZooKeeper 3.9.5 in 1.5 s in place of 2.3 s,
        Kafka 3.9.2 in 4.0 s in place of 6.6 s). It is a folder that holds an argument file
        {file}`java-arguments`, which names the archive and the class path that it was made for, and it
        takes some 30 MB of the store for ZooKeeper and 60 MB for Kafka. Building it starts the server
        on a loopback address for a moment. It fits one build of one JDK and the flags that kafnix gives;
        where {option}`services.kafnix.${name}.javaOptions` choose another garbage collector, or the heap has
        32 GB and more, the JVM may ignore it and starts without one. `null` does without: for a
        builder on which no server can be started, or for a system that must be the same bit by bit
        wherever it is built, which the archive is not. A host that is built on another platform has
        none by default, since its JDK does not run there.
      '';
    };

    peers = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      example = [
        "ensemble"
        "brokers"
        "10.9.0.0/24"
      ];
      description = ''
        All that the server may talk to, as names of {option}`services.kafnix.cluster.groups`,
        addresses and networks: the unit gets `IPAddressDeny=any`, with `IPAddressAllow=` of these, of
        the host's own addresses and of loopback. This filter does not distinguish ports. It also
        applies while the firewall is off, and to connections that the server itself opens. `null` for
        everybody, as it must be where a listener is open to all.

        Name resolution still works: NixOS resolves names through nscd's UNIX socket, or a stub on
        loopback. Where a host asks a DNS server of the network directly, that server must stand here.
      '';
    };

    uid = idOption "User id";
    gid = idOption "Group id";

    files = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "File → text of the configuration that the server reads.";
    };

    place = mkOption {
      type = types.attrsOf types.str;
      internal = true;
      readOnly = true;
      description = "Where the parts of the command line lie.";
    };

    command = mkOption {
      type = types.listOf types.str;
      internal = true;
      readOnly = true;
      description = "The unit's command line.";
    };
  }
  // own.options;

  config = lib.mkIf cfg.enable {
    services.kafnix.${name} = {
      inherit (kafnix.cluster.${name}) extraJars;
      settings = lib.mapAttrs (_: lib.mkDefault) kafnix.cluster.${name}.settings;
      files = {
        ${own.file} = properties.render (tables.joined cfg.settings);
      }
      // own.files or { };
      place = {
        java = "${kafnix.jdk}/bin/java";
        install = "${cfg.package}";
        config = "${config.environment.etc.${configFile}.source}";
        runtime = server.runtimeOf name;
      }
      // lib.optionalAttrs (extraJars != [ ]) { extra-jars = lib.concatStringsSep ":" extraJars; }
      // own.place;
      # Each fact in one word: a name, like an id of Kafka's, may begin with a dash.
      command = [
        "${kafnix.launcher}/bin/kafnix-launch"
        name
      ]
      ++ lib.mapAttrsToList (fact: value: "--${fact}=${value}") facts
      ++ map (property: "--system-property=${property}") (properties.pairs (cfg.systemProperties or { }))
      ++ lib.optional (cfg.javaOptions != [ ]) "--"
      ++ cfg.javaOptions;
    }
    // own.values or { };

    environment.etc = {
      ${configFile}.text = cfg.files.${own.file};
    }
    // own.etc or { };
    environment.systemPackages = [ own.tools ];

    users.users.${name} = {
      inherit (cfg) uid;
      group = name;
      isSystemUser = true;
      description = "runs ${name}.service";
    };
    users.groups.${name} = { inherit (cfg) gid; };

    # What the build of the host must get through.
    system.checks = lib.optional (kafnix.checkConfig && check != null) check;

    systemd.services.${name} = lib.mkMerge [
      (server.unit {
        inherit name;
        directories = lib.concatMap directoriesOf own.directories;
        inherit (cfg) command peers;
        servesWithSome = own.servesWithSome or false;
      })
      own.unit
      (unitDigest.module { inherit (config.systemd) globalEnvironment; })
    ];

    assertions =
      own.assertions
      ++ lib.concatMap (
        key:
        # the first one alone must be there
        lib.optionals (key == lib.head own.directories || (cfg.settings.${key} or null) != null) (
          directories.assertions {
            option = "${option}.settings.${lib.strings.escapeNixIdentifier key}";
            paths = directoriesOf key;
          }
        )
      ) own.directories
      ++ secrets.assertions {
        inherit (own) product;
        inherit cfg;
        instead = own.secretInstead;
      }
      ++ lib.optionals (own.hasPins or true) (
        versions.assertions {
          inherit (own) product;
          name = own.title;
          inherit version;
          inherit (kafnix.versions) jdk;
        }
      );
  };
}

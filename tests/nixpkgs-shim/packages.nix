# Over the old package set: placeholders for every package that the newer modules name and the old
# set lacks, and the few functions whose signatures have changed since.
{
  lib,
  nixosPath,
  formatsPath,
  baseModule,
}:
self: super:
let
  placeholder =
    name:
    derivation {
      inherit name;
      version = "0";
      builder = "/bin/sh";
      system = super.stdenv.hostPlatform.system;
      outputs = [
        "out"
        "dev"
        "lib"
        "bin"
        "man"
        "doc"
      ];
    }
    // {
      pname = name;
      version = "99";
      meta = {
        available = true;
        mainProgram = name;
        platforms = lib.platforms.all;
      };
      passthru = { };
      override = _: placeholder name;
      overrideAttrs = _: placeholder name;
      # so that a placeholder also stands in for a function
      __functor = _: _: placeholder name;
      compressor = "zstd";
      compressorArgs = [ ];
      compressorExecutableFunction = _: "/bin/zstd";
    };

  names = lib.filter (name: name != "") (lib.splitString "\n" (builtins.readFile ./names.txt));

  placeholders = lib.genAttrs (lib.filter (name: !(super ? ${name})) names) placeholder;

  jdk =
    major:
    placeholder "openjdk-headless-${major}"
    // {
      version = major;
      home = "${placeholder "openjdk-headless-${major}"}/lib/openjdk";
    };

  # mkDerivation took no function before 22.05
  fixed =
    f: if lib.isFunction f then lib.fix (final: f (final // { finalPackage = self.hello; })) else f;
in
placeholders
// {
  inherit lib;
  _type = "pkgs";

  formats = import formatsPath {
    inherit lib;
    pkgs = self;
  };

  stdenv = super.stdenv // {
    mkDerivation = f: super.stdenv.mkDerivation (fixed f);
  };
  stdenvNoCC = super.stdenvNoCC // {
    mkDerivation = f: super.stdenvNoCC.mkDerivation (fixed f);
  };

  testers = {
    runNixOSTest =
      test:
      (lib.nixos.runTest {
        imports = [ test ];
        hostPkgs = lib.mkDefault self;
        defaults = {
          imports = [ (baseModule super.stdenv.hostPlatform.system) ];
          nixpkgs.pkgs = lib.mkForce self;
        };
      }).config.result;
  };

  nixosOptionsDoc =
    args:
    import "${nixosPath}/lib/make-options-doc" (
      {
        pkgs = self;
        inherit lib;
      }
      // args
    );

  jdk8_headless = jdk "8";
  jdk11_headless = jdk "11";
  jdk17_headless = jdk "17";
  jdk21_headless = jdk "21";

  zookeeper = super.zookeeper // {
    jre = jdk "11";
  };
  apacheKafka = super.apacheKafka // {
    passthru.jre = jdk "17";
  };

  # a Haskell program there, and the Haskell packages are left out
  nixfmt = placeholder "nixfmt";

  cloud-utils = super.cloud-utils // {
    guest = placeholder "cloud-utils-guest";
  };
  kexec-tools = super.kexectools;
  libiconvReal = super.libiconv;
  util-linux = super.utillinux;
  util-linuxMinimal = super.utillinux;

  systemd =
    super.systemd
    // {
      interfaceVersion = 2;
      inherit (super) kbd kmod;
      util-linux = super.utillinux;
    }
    // lib.genAttrs [
      "withBootloader"
      "withCryptsetup"
      "withEfi"
      "withHostnamed"
      "withImportd"
      "withLocaled"
      "withMachined"
      "withPortabled"
      "withTimedated"
      "withTpm2Tss"
      "withUtmp"
    ] (_: true);

  libxcrypt = placeholder "libxcrypt" // {
    enabledCryptSchemeIds = [
      "y"
      "6"
    ];
  };

  cacert = placeholder "cacert" // {
    p11kit = placeholder "cacert-p11kit";
    unbundled = placeholder "cacert-unbundled";
    override = _: self.cacert;
  };

  OVMF = placeholder "OVMF" // {
    systemManagementModeRequired = false;
    override = _: self.OVMF;
    fd = placeholder "OVMF-fd" // {
      systemManagementModeRequired = false;
      firmware = "/firmware";
      variables = "/variables";
    };
  };

  rustPlatform = super.rustPlatform // {
    buildRustPackage = f: placeholder (fixed f).pname // (fixed f);
  };
}
// lib.genAttrs [
  "closureInfo"
  "makeDBusConf"
  "makeInitrd"
  "makeInitrdNG"
  "makeModulesClosure"
  "nixos-container"
  "nixos-rebuild"
  "mypy"
  "ruff"
] placeholder

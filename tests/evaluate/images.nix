# Images and VMs of a host, as far as evaluation sees them: each is a derivation, and what stands in its
# configuration keeps the promises. One host for all formats, since each image is another evaluation.
{ lib }:
let
  repository = import ../../nix/nixos-configurations.nix {
    inherit lib;
    kafnix = ../../nixos-modules;
  };
  hosts = repository {
    hosts = ../../hosts;
    machines = ../../machines;
  };
  imagesOf = import ../../nix/images.nix { inherit lib; };
  vmsOf = import ../../nix/vms.nix { inherit lib; };

  host = hosts.kafka01;
  images = (imagesOf hosts).kafka01;
  inherit (images.raw.passthru) config;
  live = images.iso.passthru.config;
  vm = host.config.virtualisation.vmVariant;

  # the same host in three networks
  larger =
    (host.extendModules {
      modules = [
        {
          services.kafnix.addresses = [
            "10.1.0.11"
            "fd00::11"
          ];
        }
      ];
    }).config.virtualisation.vmVariant;
  # the same host with a version for its images
  versioned =
    module:
    (host.extendModules {
      modules = [
        { system.image.version = "7"; }
        module
      ];
    }).config.system.build.kafnixImages.qcow2;
  disks = [
    "/data/kafka1"
    "/data/kafka2"
    "/data/zookeeper"
  ];

  # Just enough of NixOS for what an image asks of its machine file, which costs no further host.
  refusals =
    module:
    let
      anything = lib.mkOption { type = lib.types.anything; };
      disk = mountPoint: device: fsType: {
        inherit mountPoint device fsType;
        label = null;
        options = [ "defaults" ];
      };
      right = {
        networking.hostName = "kafka01";
        boot.initrd.secrets = { };
        boot.loader = {
          systemd-boot.enable = true;
          efi.efiSysMountPoint = "/boot";
        };
        fileSystems = {
          "/" = disk "/" "/dev/disk/by-label/nixos" "ext4";
          "/boot" = disk "/boot" "/dev/disk/by-label/ESP" "vfat";
          "/data" = disk "/data" "/dev/disk/by-label/data" "xfs" // {
            options = [ "nofail" ];
          };
          "/scratch" = disk "/scratch" "tmpfs" "tmpfs";
        };
      };
    in
    map (it: it.message) (
      lib.filter (it: !it.assertion)
        (lib.evalModules {
          modules = [
            ../../nixos-modules/images/fits.nix
            {
              options = {
                assertions = lib.mkOption { type = lib.types.listOf lib.types.unspecified; };
                boot = anything;
                fileSystems = anything;
                networking = anything;
              };
            }
            right
            module
          ];
        }).config.assertions
    );
  refused = claim: module: text: {
    name = "an image of a host ${claim} is refused";
    problem =
      let
        got = refusals module;
      in
      if lib.length got == 1 && lib.hasInfix text (lib.head got) then
        null
      else
        "expected one message with ${builtins.toJSON text}, got ${builtins.toJSON got}";
  };
  test = name: holds: {
    inherit name;
    problem = if holds then null else "it does not hold";
  };
  isDerivation = it: lib.hasSuffix ".drv" it.drvPath;

  inherit (config.image.repart) partitions seed;
  targets = lib.concatMap (it: lib.attrNames it.contents) (lib.attrValues partitions);
  labelled =
    mountPoint: partition:
    host.config.fileSystems.${mountPoint}.device
    == "/dev/disk/by-label/${partitions.${partition}.repartConfig.Label}";
  directories = unit: unit.unitConfig.RequiresMountsFor or [ ];
in
[
  (test "a host has a raw, a qcow2 and an ISO image" (
    lib.attrNames images == [
      "iso"
      "qcow2"
      "raw"
    ]
  ))
]
++ lib.mapAttrsToList (
  format: image: test "an image evaluates to a derivation: ${format}" (isDerivation image)
) images
++ [
  (test "a VM to try evaluates to a derivation" (isDerivation (vmsOf { kafka01 = host; }).kafka01))
  (test "an image has a seed that is fixed and no other host's" (
    builtins.match "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}" seed != null
    && seed == "9ec71d3c-6bda-4662-856b-33747eb8e403"
    && (imagesOf hosts).kafka02.raw.passthru.config.image.repart.seed != seed
  ))
  (test "the key of ext4's directories is fixed, too" (
    config.image.repart.mkfsOptions.ext4 == [ "-E hash_seed=${seed}" ]
  ))
  (test "an image has the ESP and the root file system, and no data disk" (
    lib.attrNames partitions == [
      "10-esp"
      "20-root"
    ]
    && lib.all (target: !lib.hasPrefix "/data" target) targets
  ))
  (test "an image's labels are those by which the machine file finds its file systems" (
    labelled "/" "20-root" && labelled "/boot" "10-esp"
  ))
  (test "an image's root has the host's closure and nothing that a host makes at its first boot" (
    partitions."20-root".storePaths == [ config.system.build.toplevel ]
    && lib.attrNames partitions."20-root".contents == [ "/nix-path-registration" ]
    && lib.all (target: !lib.hasInfix "machine-id" target && !lib.hasInfix "random-seed" target) targets
  ))
  (test "the installer of the boot loader takes the image's entry for one of its own" (
    lib.length (lib.filter (lib.hasPrefix "/loader/entries/") targets) == 1
    && lib.any (target: builtins.match "/loader/entries/nixos-.+\\.conf" target != null) targets
    && lib.length (lib.filter (lib.hasPrefix "/EFI/nixos/") targets) == 2
  ))
  (test "a qcow2 image is made of the raw one, whatever that is called" (
    let
      plain = images.qcow2;
      seventh = versioned { };
    in
    lib.hasInfix "/kafka01.raw $out/kafka01.qcow2" plain.buildCommand
    && lib.hasInfix "/kafka01_7.raw $out/kafka01_7.qcow2" seventh.buildCommand
    && seventh.passthru.filePath == "kafka01_7.qcow2"
  ))
  (test "a qcow2 image is not made of a compressed one" (
    let
      compressed = versioned { services.kafnix.images.raw.image.repart.compression.enable = true; };
    in
    !(builtins.tryEval compressed.drvPath).success
  ))
  (test "the first boot tells Nix what the image brought" (
    let
      inherit (config.systemd.services) kafnix-first-boot;
    in
    lib.elem kafnix-first-boot.unitConfig.ConditionPathExists targets
    && lib.elem "nix-daemon.socket" kafnix-first-boot.before
    && config.boot.growPartition
    && config.fileSystems."/".autoResize
  ))
  (test "a host from an image mounts its data disks, and boots where one is missing" (
    lib.all (
      disk:
      config.fileSystems.${disk}.device == "/dev/disk/by-label/${baseNameOf disk}"
      && lib.elem "nofail" config.fileSystems.${disk}.options
    ) disks
  ))
  (test "a live system mounts the data disks and no other disk" (
    lib.all (disk: lib.elem "nofail" live.fileSystems.${disk}.options) disks
    && live.fileSystems."/".fsType == "tmpfs"
    && !live.fileSystems ? "/boot"
  ))
  (test "a VM has an empty disk for each data disk, mounted where the host mounts it" (
    lib.length vm.virtualisation.emptyDiskImages == lib.length disks
    && lib.all (
      disk:
      vm.fileSystems.${disk}.autoFormat
      && vm.fileSystems.${disk}.fsType == host.config.fileSystems.${disk}.fsType
    ) disks
    && lib.allUnique (map (disk: vm.fileSystems.${disk}.device) disks)
  ))
  (test "a VM's servers need the same mounts as the host's, and a late disk starts them" (
    lib.all
      (
        { name, disk }:
        let
          unit = vm.systemd.services.${name};
          same = value: value unit == value host.config.systemd.services.${name};
        in
        same directories
        && same (it: lib.filter (lib.hasSuffix ".mount") it.wants)
        && lib.elem "data-${disk}.mount" unit.wantedBy
        && lib.any (lib.hasSuffix ".device") unit.wantedBy
      )
      [
        {
          name = "kafka";
          disk = "kafka2";
        }
        {
          name = "zookeeper";
          disk = "zookeeper";
        }
      ]
  ))
  (test "a VM has the host's addresses, each in its own subnet, and no router" (
    let
      inherit (larger.networking.interfaces.cluster) ipv4 ipv6;
      subnets = map (it: "${it.address}/${toString it.prefixLength}");
    in
    subnets (ipv4.addresses ++ ipv6.addresses) == [
      "10.0.0.11/24"
      "10.1.0.11/24"
      "fd00::11/64"
    ]
    &&
      subnets (ipv4.routes ++ ipv6.routes) == [
        "10.0.0.0/8"
        "fd00::/16"
      ]
    && larger.networking.defaultGateway == null
    && !larger.networking.interfaces ? enp1s0
  ))
  (test "an image of a host whose machine file fits is not refused" (refusals { } == [ ]))
  (refused "with a foreign root file system" {
    fileSystems."/".device = lib.mkForce "/dev/disk/by-uuid/1b2c";
  } "has / on the label nixos (ext4), and the machine file has it on /dev/disk/by-uuid/1b2c (ext4)")
  (refused "with a foreign ESP" {
    fileSystems."/boot".device = lib.mkForce "/dev/sda1";
  } "has /boot on the label ESP (vfat), and the machine file has it on /dev/sda1 (vfat)")
  (refused "that waits for another disk" {
    fileSystems."/home" = {
      mountPoint = "/home";
      device = null;
      label = "home";
      fsType = "ext4";
      options = [ "defaults" ];
    };
  } "has no /home, and its first boot would wait for it")
  (refused "with another boot loader" {
    boot.loader.systemd-boot.enable = lib.mkForce false;
  } "boots by systemd-boot")
  (refused "with secrets in its initrd" {
    boot.initrd.secrets."/key" = "/etc/secrets/key";
  } "an image holds no secret")
  (test "nixos-rebuild build-image knows kafnix's images" (
    lib.all (format: isDerivation host.config.system.build.images."kafnix-${format}") (
      lib.attrNames images
    )
  ))
]

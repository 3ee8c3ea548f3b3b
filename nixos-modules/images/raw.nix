# A disk with a GUID partition table that boots by EFI: an ESP with systemd-boot and the first
# generation's entry, and a root file system with the host's closure and nothing else. What a host
# writes at its first boot (machine id, ssh host keys, random seed) is in no image, so all hosts that
# are made from one differ where they must.
#
# systemd-repart makes it without a VM and without mounting anything. Every time and every random
# number in it is fixed, so the same configuration gives the same bytes.
{
  config,
  lib,
  pkgs,
  modulesPath,
  ...
}:
let
  inherit (config.networking) hostName;
  inherit (config.services.kafnix) cluster;
  inherit (config.system.build) toplevel;
  inherit (pkgs.stdenv.hostPlatform) efiArch;
  inherit (config.boot.loader) systemd-boot timeout;

  # A UUID of its own for every host, from what is its identity.
  seed =
    let
      hash = builtins.hashString "sha256" "kafnix image ${cluster.name}/${hostName}";
      part = from: length: lib.substring from length hash;
    in
    "${part 0 8}-${part 8 4}-4${part 13 3}-8${part 17 3}-${part 20 12}";

  closure = pkgs.closureInfo { rootPaths = [ toplevel ]; };

  # Where the boot loader's installer keeps its own: the next `nixos-rebuild switch` writes an entry under its own name,
  # which is a hash from NixOS 26.11 on, and removes this one and all that it does not know in the folder of the kernel.
  kernel = "/EFI/nixos/kernel.efi";
  initrd = "/EFI/nixos/initrd.efi";
  entry = pkgs.writeText "nixos-generation-1.conf" ''
    title NixOS
    sort-key nixos
    version Generation 1 NixOS ${config.system.nixos.label}
    linux ${kernel}
    initrd ${initrd}
    options init=${toplevel}/init ${toString config.boot.kernelParams}
  '';
  loader = pkgs.writeText "loader.conf" ''
    timeout ${if timeout == null then "menu-force" else toString timeout}
    default ${entry.name}
    editor ${if systemd-boot.editor then "yes" else "no"}
  '';
  systemdBoot = "${config.systemd.package}/lib/systemd/boot/efi/systemd-boot${efiArch}.efi";
in
{
  imports = [
    "${modulesPath}/image/repart.nix"
    ./fits.nix
    ./first-boot.nix
  ];

  image.repart = {
    name = hostName;
    seed = lib.mkDefault seed;
    # Left alone, mkfs draws the key by which ext4 sorts large directories (systemd gives it one since
    # January 2026, systemd#40323).
    mkfsOptions.ext4 = [ "-E hash_seed=${seed}" ];

    partitions = {
      "10-esp" = {
        contents = {
          "/EFI/BOOT/BOOT${lib.toUpper efiArch}.EFI".source = systemdBoot;
          "/EFI/systemd/systemd-boot${efiArch}.efi".source = systemdBoot;
          "/loader/loader.conf".source = loader;
          "/loader/entries/${entry.name}".source = entry;
          ${kernel}.source = "${config.boot.kernelPackages.kernel}/${config.system.boot.loader.kernelFile}";
          ${initrd}.source = "${config.system.build.initialRamdisk}/${config.system.boot.loader.initrdFile}";
        };
        repartConfig = {
          Type = "esp";
          Format = "vfat";
          # the label of the partition and of the file system
          Label = "ESP";
          # Room for the kernels of several generations.
          SizeMinBytes = lib.mkDefault "512M";
          SizeMaxBytes = lib.mkDefault "512M";
        };
      };
      # the last one, since it grows
      "20-root" = {
        storePaths = [ toplevel ];
        contents."/nix-path-registration".source = "${closure}/registration";
        repartConfig = {
          Type = "root";
          Format = "ext4";
          Label = "nixos";
          # More than the closure of a server takes, so that the first boot has room to write.
          SizeMinBytes = lib.mkDefault "8G";
        };
      };
    };
  };
}

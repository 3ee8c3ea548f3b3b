# What the first boot of a disk image does: the root file system takes the whole disk, and Nix gets to
# know what lies in its store, so that `nixos-rebuild switch` works on the host like on any other.
{
  config,
  lib,
  ...
}:
{
  boot.growPartition = lib.mkDefault true;
  fileSystems."/".autoResize = lib.mkDefault true;

  systemd.services.kafnix-first-boot = lib.mkIf config.nix.enable {
    description = "Tells Nix what the image brought";
    wantedBy = [ "sysinit.target" ];
    # Nix's database must know the running system before anyone can ask for it.
    before = [
      "sysinit.target"
      "shutdown.target"
      "nix-daemon.socket"
      "nix-daemon.service"
    ];
    after = [
      "local-fs.target"
      "systemd-growfs-root.service"
    ];
    conflicts = [ "shutdown.target" ];
    unitConfig = {
      DefaultDependencies = false;
      ConditionPathExists = "/nix-path-registration";
    };
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
    };
    environment.HOME = "/root";
    path = [ config.nix.package ];
    script = ''
      nix-store --load-db </nix-path-registration
      nix-env --profile /nix/var/nix/profiles/system --set "$(readlink -f /run/current-system)"
      touch /etc/NIXOS
      # last, so that a boot that was cut off does it again
      rm /nix-path-registration
    '';
  };
}

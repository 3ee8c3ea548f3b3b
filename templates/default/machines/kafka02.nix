# What is this machine's own: hardware, network card, who may log in. kafnix never writes here.
{
  boot.loader.systemd-boot.enable = true;

  fileSystems = {
    "/" = {
      device = "/dev/disk/by-label/nixos";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-label/ESP";
      fsType = "vfat";
    };
  };

  networking = {
    # Else a host with fixed addresses waits at each boot for an answer that does not come.
    useDHCP = false;
    # The address that the spec gives this host, on the card that this machine has.
    interfaces.enp1s0.ipv4.addresses = [
      {
        address = "10.0.0.12";
        prefixLength = 24;
      }
    ];
  };

  services.openssh.enable = true;
  users.users.root.openssh.authorizedKeys.keys = [
    # "ssh-ed25519 AAAA… you@example.org"
  ];

  system.stateVersion = "26.05";
}

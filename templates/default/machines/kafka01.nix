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
    # `nofail`: a host whose data disk is missing still boots, so that one can get in and see why.
    "/data" = {
      device = "/dev/disk/by-label/data";
      fsType = "xfs";
      options = [
        "noatime"
        "nofail"
        "x-systemd.device-timeout=30s"
      ];
    };
  };

  # The address that the spec gives this host, on the card that this machine has.
  networking.interfaces.enp1s0.ipv4.addresses = [
    {
      address = "10.0.0.11";
      prefixLength = 24;
    }
  ];

  # ZooKeeper's clients, peers and election, and the brokers' listener. This opens them to everybody
  # who can reach the card: narrow it where other hosts can.
  networking.firewall.allowedTCPPorts = [
    2181
    2888
    3888
    9092
  ];

  services.openssh.enable = true;
  users.users.root.openssh.authorizedKeys.keys = [
    # "ssh-ed25519 AAAA… you@example.org"
  ];

  system.stateVersion = "26.05";
}

# A host with every kind of opening, in both families, and no rule that another one makes needless.
{
  imports = [ ./right-host.nix ];
  networking.hostName = "every-opening";
  nixpkgs.hostPlatform = "x86_64-linux";
  services.kafnix = {
    addresses = [
      "10.0.0.11"
      "10.1.0.11"
      "fd00::11"
      "fd01::11"
    ];
    cluster.groups = {
      ensemble = [
        "10.0.0.11"
        "10.0.0.12"
        "fd00::12"
      ];
      "brokers@internal" = [
        "10.0.0.21"
        "fd00::21"
      ];
    };
    firewall.openings = [
      {
        what = "a group and networks";
        address = "10.0.0.11";
        port = 2181;
        from = [
          "ensemble"
          "10.9.0.0/24"
          "10.8.0.7"
        ];
      }
      {
        what = "a group at an address of IPv6";
        address = "fd00::11";
        port = 2888;
        from = [ "ensemble" ];
      }
      {
        what = "groups and networks at every address";
        address = null;
        port = 9404;
        from = [
          "ensemble"
          "brokers@internal"
          "10.9.0.0/24"
          "fd00:9::/64"
        ];
      }
      {
        what = "everybody at an address";
        address = "10.1.0.11";
        port = 9092;
        from = null;
      }
      {
        what = "everybody at an address of IPv6";
        address = "fd01::11";
        port = 9092;
        from = null;
      }
      {
        what = "everybody at every address";
        address = null;
        port = 9093;
        from = null;
      }
      {
        what = "nobody";
        address = null;
        port = 9094;
        from = [ ];
      }
    ];
  };
}

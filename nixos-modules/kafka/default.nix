# One Kafka broker that keeps its metadata in ZooKeeper.
{
  imports = [
    ../cluster.nix
    ./options.nix
    ./files.nix
    ./unit.nix
    ./tools.nix
    ./assertions.nix
  ];
}

# One ZooKeeper server of an ensemble.
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

# Both roles. Each can be imported alone, too.
{
  imports = [
    ./zookeeper
    ./kafka
  ];
}

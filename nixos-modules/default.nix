# Both roles, and images of the host. Each role can be imported alone, too.
{
  imports = [
    ./zookeeper
    ./kafka
    ./images
  ];
}

# A host with both servers and nothing wrong, for tests that change one thing.
{
  services.kafnix = {
    versions = {
      jdk = "17";
      kafka = "3.9.2";
      zookeeper = "3.9.5";
    };
    cluster.name = "right";
    zookeeper = {
      enable = true;
      heap = "1g";
      id = 1;
      server = "10.0.0.11:2181";
      settings = {
        dataDir = "/data/zookeeper";
        "server.1" = "10.0.0.11:2888:3888";
      };
    };
    kafka = {
      enable = true;
      heap = "6g";
      bootstrapServer = "10.0.0.11:9092";
      settings = {
        "broker.id" = 0;
        listeners = "PLAINTEXT://10.0.0.11:9092";
        "advertised.listeners" = "PLAINTEXT://10.0.0.11:9092";
        "inter.broker.listener.name" = "PLAINTEXT";
        "log.dirs" = [ "/var/lib/kafka" ];
      };
    };
  };
}

# What a machine file can spoil behind the generator's back is refused, with the rule's code.
{ lib, pkgs }:
let
  evaluate = import ./stub.nix { inherit lib pkgs; };
  inherit (lib) mkForce;

  codesOf =
    wrong:
    lib.unique (
      map (a: lib.head (lib.splitString " " a.message)) (
        lib.filter (a: !a.assertion)
          (evaluate [
            ./right-host.nix
            { services.kafnix = wrong; }
          ]).config.assertions
      )
    );
  test = claim: wrong: codes: {
    name = "a host whose ${claim}";
    problem =
      let
        got = codesOf wrong;
      in
      if got == codes then null else "expected ${toString codes}, got ${toString got}";
  };

  zookeeper = key: value: { zookeeper.settings.${key} = mkForce value; };
  kafka = key: value: { kafka.settings.${key} = mkForce value; };
in
[
  (test "settings are right is not refused" { } [ ])
  (test "server id is -1 is refused" {
    zookeeper.id = mkForce (-1);
    zookeeper.settings."server.-1" = "10.0.0.11:2888:3888";
  } [ "[K201]" ])
  (test "server id is 0 is not refused" {
    zookeeper.id = mkForce 0;
    zookeeper.settings."server.0" = "10.0.0.11:2888:3888";
  } [ ])
  (test "server id is 256 is refused" {
    zookeeper.id = mkForce 256;
    zookeeper.settings."server.256" = "10.0.0.11:2888:3888";
  } [ "[K201]" ])
  (test "server id is 255 is not refused" {
    zookeeper.id = mkForce 255;
    zookeeper.settings."server.255" = "10.0.0.11:2888:3888";
  } [ ])
  (test "server id is in no server line is refused" { zookeeper.id = mkForce 2; } [ "[K213]" ])
  (test "server may not answer srvr is refused" (zookeeper "4lw.commands.whitelist" "ruok,mntr") [
    "[K215]"
  ])
  (test "server answers srvr is not refused" (zookeeper "4lw.commands.whitelist" [ "srvr" ]) [ ])
  (test "server answers all words is not refused" (zookeeper "4lw.commands.whitelist" "*") [ ])
  (test "broker id is missing is refused" (kafka "broker.id" null) [ "[K301]" ])
  (test "broker id is negative is refused" (kafka "broker.id" (-1)) [ "[K301]" ])
  (test "listeners are missing is refused" (kafka "listeners" null) [ "[K305]" ])
  (test "advertised listeners are missing is refused" (kafka "advertised.listeners" null) [
    "[K305]"
  ])
  (test "inter-broker listener is missing is refused" (kafka "inter.broker.listener.name" null) [
    "[K303]"
  ])
  (test "data directory is missing is refused" (zookeeper "dataDir" null) [ "[K401]" ])
  (test "data directory is relative is refused" (zookeeper "dataDir" "data") [ "[K401]" ])
  (test "data directory is under /tmp is refused" (zookeeper "dataDir" "/tmp/zookeeper") [
    "[K401]"
  ])
  (test "data directory only begins like /tmp is not refused" (zookeeper "dataDir" "/tmpdata") [ ])
  (test "log directory of ZooKeeper is under /run is refused" (zookeeper "dataLogDir" "/run/log") [
    "[K401]"
  ])
  (test "log directories are missing is refused" (kafka "log.dirs" null) [ "[K401]" ])
  (test "second log directory is in the store is refused" (kafka "log.dirs" [
    "/data/kafka1"
    "/nix/kafka2"
  ]) [ "[K401]" ])
  (test "log directories are one text with a wrong one is refused"
    (kafka "log.dirs" "/data/kafka1, /dev/shm/kafka2")
    [ "[K401]" ]
  )
  (test "broker's secret is a text is refused" (kafka "password.encoder.secret" "hunter2") [
    "[K424]"
  ])
  (test "secret of one listener is a text is refused"
    (kafka "listener.name.plaintext.ssl.keystore.password" "hunter2")
    [ "[K424]" ]
  )
  (test "broker's secret is half a text is refused"
    (kafka "password.encoder.secret" "x\${directory:/run/secrets/kafka:encoder}")
    [ "[K424]" ]
  )
  (test "broker's secret is in a file is not refused"
    (kafka "password.encoder.secret" "\${directory:/run/secrets/kafka:encoder}")
    [ ]
  )
  (test "broker's certificate is a text is not refused"
    (kafka "ssl.keystore.certificate.chain" "-----BEGIN CERTIFICATE-----")
    [ ]
  )
  (test "plug-in has a secret in a text is refused" (kafka "com.example.dbPassword" "hunter2") [
    "[K424]"
  ])
  (test "server's secret is a text is refused" (zookeeper "ssl.keyStore.password" "hunter2") [
    "[K424]"
  ])
  (test "server's secret has a place that nobody asks is refused"
    (zookeeper "ssl.keyStore.password" "\${file:/run/secrets/zookeeper:key}")
    [ "[K424]" ]
  )
  (test "server's secret is in a file is not refused"
    (zookeeper "ssl.keyStore.passwordPath" "/run/secrets/zookeeper/password")
    [ ]
  )
  (test "server's secret is a system property is refused" {
    zookeeper.systemProperties."zookeeper.ssl.quorum.keyStore.password" = "hunter2";
  } [ "[K424]" ])
  (test "secret is an argument of the JVM is refused" {
    kafka.javaOptions = [ "-Djavax.net.ssl.keyStorePassword=hunter2" ];
  } [ "[K424]" ])
  (test "argument of the JVM is no secret is not refused" {
    kafka.javaOptions = [ "-Djava.security.auth.login.config=/run/secrets/kafka/jaas.conf" ];
  } [ ])
  (test "ZooKeeper has no pin is refused" { versions.zookeeper = mkForce "3.4.14"; } [ "[K501]" ])
  (test "Kafka has no pin is refused" { versions.kafka = mkForce "2.6.0"; } [ "[K501]" ])
  (test "Kafka needs no ZooKeeper any more is refused" { versions.kafka = mkForce "4.0.0"; } [
    "[K502]"
  ])
  (test "JDK package is of another version is refused" { jdk = pkgs.jdk11_headless; } [ "[K503]" ])
  (test "JDK is too new for its Kafka is refused" { versions.kafka = mkForce "2.7.0"; } [ "[K503]" ])
  (test "JDK is too old is refused" {
    versions.jdk = mkForce "7";
    jdk = pkgs.jdk8_headless // {
      version = "1.7.0_80";
    };
  } [ "[K503]" ])
  (test "JDK 8 bears the old scheme of versions is not refused" {
    versions.jdk = mkForce "8";
    jdk = pkgs.jdk8_headless // {
      version = "8u432-b06";
    };
  } [ ])
]

# Nix reads the tables of keys as the generator does.
_:
let
  tables = import ../../nixos-modules/lib/key-tables.nix;
  test = name: got: expected: {
    name = "the tables of keys: ${name}";
    problem =
      if got == expected then
        null
      else
        "expected ${builtins.toJSON expected}, got ${builtins.toJSON got}";
  };
  secretsOf = product: builtins.filter tables.${product}.isSecret;
in
[
  (test "a broker's secrets are known by their type wherever they stand, and else by their name"
    (secretsOf "kafka" [
      "ssl.key.password"
      "ssl.keystore.certificate.chain"
      "listener.name.x.ssl.truststore.certificates"
      "listener.name.x.scram-sha-512.sasl.jaas.config"
      "authorizer.zookeeper.ssl.keystore.password"
      "rsm.config.storage.aws.secret.access.key"
      "config.providers.vault.param.token"
      "config.providers.file.class"
      "com.example.plugin.dbPassword"
      "num.io.threads"
    ])
    [
      "ssl.key.password"
      "listener.name.x.scram-sha-512.sasl.jaas.config"
      "authorizer.zookeeper.ssl.keystore.password"
      "rsm.config.storage.aws.secret.access.key"
      "config.providers.vault.param.token"
      "com.example.plugin.dbPassword"
    ]
  )
  (test "a server's secrets are, too"
    (secretsOf "zookeeper" [
      "ssl.keyStore.password"
      "ssl.keyStore.passwordPath"
      "zookeeper.ssl.quorum.keyStore.password"
      "DigestAuthenticationProvider.superDigest"
      "superUser"
    ])
    [
      "ssl.keyStore.password"
      "zookeeper.ssl.quorum.keyStore.password"
      "DigestAuthenticationProvider.superDigest"
    ]
  )
  (test "a list is joined by what the product splits it at"
    [
      (tables.kafka.joined {
        "super.users" = [
          "User:a"
          "User:b"
        ];
        "log.dirs" = [ "/a" ];
      })
      (tables.zookeeper.joined {
        "group.1" = [
          1
          2
        ];
      })
    ]
    [
      {
        "super.users" = "User:a;User:b";
        "log.dirs" = [ "/a" ];
      }
      { "group.1" = "1:2"; }
    ]
  )
  (test "only what is nothing else is a reference"
    (builtins.filter tables.isReference [
      "\${file:/run/a:b}"
      " \${env:A} "
      "x\${file:/run/a:b}"
      "\${file:/run/a:b}x"
      "\${none}"
    ])
    [
      "\${file:/run/a:b}"
      " \${env:A} "
    ]
  )
]

//! Settings that are read only beside others. The table holds those of security, from the code of both products
//! (named with each). Shared by rules; no rule itself.

use crate::role::Role;
use crate::rules::settings::effective::Effective;

/// Settings, and what must be there for them to be read.
pub(in crate::rules) struct Need {
    /// Keys; `*` at the end stands for the rest of a key, `=` for what the value ends with.
    pub(in crate::rules) keys: &'static [&'static str],
    /// Of each group the server must have one; a group without any is what no spec can give.
    pub(in crate::rules) needs: &'static [&'static [&'static str]],
    pub(in crate::rules) reason: &'static str,
    /// What to do in its place.
    pub(in crate::rules) instead: Option<&'static str>,
}

const NOTHING: &[&[&str]] = &[&[]];
/// A broker with a listener of the protocol SSL.
const TLS_LISTENER: &str = "listener.security.protocol.map=~:SSL";

pub(in crate::rules) const fn need(
    keys: &'static [&'static str],
    needs: &'static [&'static [&'static str]],
    reason: &'static str,
) -> Need {
    Need { keys, needs, reason, instead: None }
}

const fn never(keys: &'static [&'static str], reason: &'static str, instead: &'static str) -> Need {
    Need { keys, needs: NOTHING, reason, instead: Some(instead) }
}

impl Need {
    pub(in crate::rules) fn is_of(&self, key: &str, value: &str) -> bool {
        self.keys.iter().any(|pattern| {
            let (pattern, end) = pattern.split_once('=').unwrap_or((pattern, ""));
            let named = match pattern.strip_suffix('*') {
                Some(family) => bare(key).starts_with(family),
                None => bare(key) == pattern,
            };
            named && value.trim().ends_with(end)
        })
    }

    /// The first group of alternatives of which the server has none.
    pub(in crate::rules) fn missing(&self, server: &Effective<'_>) -> Option<&'static [&'static str]> {
        self.needs.iter().copied().find(|group| !group.iter().any(|wanted| has(server, wanted)))
    }
}

/// The needs of security of a role's settings.
pub(in crate::rules) fn of_security(role: Role) -> &'static [Need] {
    match role {
        Role::ZooKeeper => ZOOKEEPER,
        Role::Broker => KAFKA,
    }
}

/// Whether a setting is one that is not read whatever stands beside it.
pub(in crate::rules) fn is_never_read(role: Role, key: &str, value: &str) -> bool {
    let need = of_security(role).iter().find(|need| is_on(value) && need.is_of(key, value));
    need.is_some_and(|need| need.needs == NOTHING)
}

/// What is written to turn something off makes nobody believe that it is on.
pub(in crate::rules) fn is_on(value: &str) -> bool {
    !["", "false", "no"].contains(&value.trim().to_ascii_lowercase().as_str())
}

/// Whether a server has `key` with a value, `key=end` with a value that ends so, `key=!start` with one that begins
/// otherwise, or `key=~part` with one that contains it.
fn has(server: &Effective<'_>, wanted: &str) -> bool {
    let (key, end) = wanted.split_once('=').unwrap_or((wanted, ""));
    let fits = |value: &str| {
        is_on(value)
            && match end.split_at_checked(1) {
                Some(("!", start)) => !value.trim().starts_with(start),
                Some(("~", part)) => value.contains(part),
                _ => value.trim().to_lowercase().ends_with(&end.to_lowercase()),
            }
    };
    match key.strip_suffix('*') {
        None => server.text(key).is_some_and(|value| fits(&value)),
        Some(family) => {
            let mut of_family = server.iter().filter(|(key, _)| key.starts_with(family));
            of_family.any(|(_, setting)| setting.value.plain().is_some_and(|value| fits(&value)))
        }
    }
}

/// What to write; of `key=!start` nothing can be said.
pub(in crate::rules) fn shown(wanted: &str) -> Option<String> {
    if wanted == TLS_LISTENER {
        return Some("a listener with `\"protocol\": \"SSL\"`".to_owned());
    }
    match wanted.split_once('=') {
        Some((_, end)) if end.starts_with('!') => None,
        Some((key, end)) => Some(format!("`{}` with `{end}`", key.replace('*', "…"))),
        None => Some(format!("`{wanted}`")),
    }
}

/// A key of Kafka without the listener and the mechanism that it is for (`DynamicBrokerConfig`, `ListenerName`).
fn bare(key: &str) -> &str {
    let Some((_, key)) = key.strip_prefix("listener.name.").and_then(|key| key.split_once('.')) else {
        return key;
    };
    match key.split_once('.') {
        Some((_, rest)) if rest.starts_with("sasl.") || rest == "connections.max.reauth.ms" => rest,
        _ => key,
    }
}

const KAFKA: &[Need] = &[
    // SslChannelBuilder alone reads these.
    need(
        &["ssl.*", "security.providers"],
        &[&[TLS_LISTENER]],
        "no listener has TLS, and only such a one reads it",
    ),
    // SaslChannelBuilder alone reads these, KafkaApis (allowTokenRequests) gives no token over PLAINTEXT.
    never(
        &["sasl.*", "connections.max.reauth.ms", "delegation.token.*"],
        "no listener has SASL, and only such a one reads it",
        "kafnix has no such listeners yet: guard each with `from`, or with certificates (`\"protocol\": \"SSL\"`)",
    ),
    // KafkaServer, zkClientConfigFromKafkaConfig; the launcher has no TLS.
    never(
        &["zookeeper.ssl.*", "zookeeper.clientCnxnSocket"],
        "brokers and their launchers speak to the plain client port of ZooKeeper",
        "kafnix cannot reach ZooKeeper by TLS yet: its port is open to members and `zookeeper.from` alone",
    ),
    // KafkaZkClient, createZkClient.
    never(
        &["zookeeper.set.acl"],
        "no broker is authenticated to ZooKeeper, and one that is not ends with a SecurityException",
        LOGIN_OF_KAFKA,
    ),
    need(
        &["super.users", "allow.everyone.if.no.acl.found"],
        &[&["authorizer.class.name"]],
        "no authorizer is there to read it",
    ),
    // AclAuthorizer, zkClientConfigFromKafkaConfigAndMap.
    need(
        &["authorizer.zookeeper.ssl.*", "authorizer.zookeeper.clientCnxnSocket"],
        &[
            &["authorizer.class.name"],
            &["authorizer.zookeeper.ssl.client.enable"],
            &["authorizer.zookeeper.url"],
        ],
        "the authorizer does not speak TLS to a ZooKeeper of its own",
    ),
    need(&["authorizer.zookeeper.*"], &[&["authorizer.class.name"]], "no authorizer is there to read it"),
    // DynamicBrokerConfig, DynamicConfigPasswordEncoder.
    need(&["password.encoder.*"], &[&["password.encoder.secret"]], "no secret is there to encode with"),
];

const LOGIN_OF_KAFKA: &str = "where a machine file gives the JVM a JAAS login (`services.kafnix.kafka.javaOptions`), \
                              write it there, too, under `services.kafnix.kafka.settings`";
const LOGIN: &str = "where a machine file gives the JVM a JAAS login (`services.kafnix.zookeeper.javaOptions`), \
                     write it there, too, under `services.kafnix.zookeeper.settings`";
const NO_LOGIN: &str = "it needs a JAAS login, and a spec gives no JVM one";

const TLS_OF_CLIENTS: &[&str] = &["secureClientPort", "client.portUnification"];
const TLS_OF_PEERS: &[&str] = &["sslQuorum", "portUnification"];
const HTTPS: &[&str] = &["admin.forceHttps", "admin.portUnification"];
const KEYS_OF_PEERS: &[&str] = &["ssl.quorum.keyStore.location", "ssl.quorum.context.supplier.class"];
const TRUST_OF_PEERS: &[&str] = &["ssl.quorum.trustStore.location", "ssl.quorum.context.supplier.class"];

const ZOOKEEPER: &[Need] = &[
    // X509Util, createSSLContextAndOptionsFromConfig, warns of a missing store and goes on without.
    need(
        TLS_OF_PEERS,
        &[KEYS_OF_PEERS, TRUST_OF_PEERS],
        "without key store and trust store no two servers trust each other",
    ),
    // QuorumPeer, setSslQuorum; JettyAdminServer reads the same stores.
    need(&["sslQuorumReloadCertFiles"], &[TLS_OF_PEERS], "the servers speak no TLS among themselves"),
    need(
        &["ssl.quorum.*"],
        &[&["sslQuorum", "portUnification", "admin.forceHttps", "admin.portUnification"]],
        "the servers speak no TLS among themselves",
    ),
    // NIOServerCnxnFactory, configure, knows no TLS; NettyServerCnxnFactory, initSSL.
    need(
        TLS_OF_CLIENTS,
        &[
            &["serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory"],
            &["ssl.keyStore.location", "ssl.context.supplier.class"],
            &["ssl.trustStore.location", "ssl.context.supplier.class", "ssl.clientAuth=NONE"],
        ],
        "only Netty speaks TLS to clients, and not without stores",
    ),
    need(&["secureClientPortAddress"], &[&["secureClientPort"]], "there is not a port for clients with TLS"),
    need(
        &[
            "ssl.*",
            "client.certReload",
            "X509AuthenticationProvider.*",
            "authProvider.*=X509AuthenticationProvider",
        ],
        &[TLS_OF_CLIENTS],
        "there is not a port for clients with TLS",
    ),
    need(
        &["fips-mode"],
        &[&["sslQuorum", "portUnification", "secureClientPort", "client.portUnification"]],
        "nothing speaks TLS",
    ),
    // JettyAdminServer.
    need(
        HTTPS,
        &[&["admin.enableServer"], &["ssl.quorum.keyStore.location"], &["ssl.quorum.trustStore.location"]],
        "the AdminServer is off, or has no stores, which are those of `ssl.quorum`",
    ),
    need(&["admin.needClientAuth"], &[HTTPS], "the AdminServer speaks no HTTPS"),
    // EnsembleAuthenticationProvider.
    need(
        &["ensembleAuthName"],
        &[&["authProvider.*=EnsembleAuthenticationProvider"]],
        "no provider is there to read it",
    ),
    need(
        &["authProvider.*=EnsembleAuthenticationProvider"],
        &[&["ensembleAuthName"]],
        "without a name it lets everybody pass",
    ),
    // AuthenticationHelper; IPAuthenticationProvider has an id for every connection.
    never(
        &["sessionRequireClientSASLAuth", "enforce.auth.*"],
        "brokers, launchers and `verify` do not authenticate and would be turned away, and the scheme `ip` turns \
         away nobody",
        "kafnix cannot authenticate to ZooKeeper yet: its port is open to members and `zookeeper.from` alone",
    ),
    never(
        &["requireClientAuthScheme"],
        "no version reads it",
        "a server that is to take SASL clients alone has \
          `sessionRequireClientSASLAuth`, which brokers of kafnix do not get through yet",
    ),
    // QuorumPeer, initialize; ServerCnxnFactory, configureSaslLogin; SaslServerCallbackHandler.
    never(
        &[
            "quorum.auth.*",
            "authProvider.*=SASLAuthenticationProvider",
            "kerberos.*",
            "requireKerberosConfig",
            "security.auth_to_local",
            "server.realm",
            "sasl.*",
            "superUser",
            "superUser.*",
            "letAnySaslUserDoX",
            "allowSaslFailedClients",
            "SASLAuthenticationProvider.*",
        ],
        NO_LOGIN,
        LOGIN,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_for_one_listener_and_one_mechanism() {
        assert_eq!(bare("listener.name.x.ssl.client.auth"), "ssl.client.auth");
        assert_eq!(bare("listener.name.x.scram-sha-256.sasl.jaas.config"), "sasl.jaas.config");
        assert_eq!(bare("listener.name.x.sasl.enabled.mechanisms"), "sasl.enabled.mechanisms");
        assert_eq!(bare("listener.name.x.max.connections"), "max.connections");
        assert_eq!(bare("ssl.client.auth"), "ssl.client.auth");
    }

    #[test]
    fn every_key_that_is_named_is_one_of_its_product() {
        let kafka: Vec<_> = crate::keys::KAFKA.names().collect();
        let zookeeper: Vec<_> = crate::keys::ZOOKEEPER.names().collect();
        let unread = ["requireClientAuthScheme", "authorizer.zookeeper.clientCnxnSocket"];
        for (needs, names) in [(KAFKA, kafka), (ZOOKEEPER, zookeeper)] {
            let groups = needs.iter().flat_map(|need| need.needs.iter().copied().chain([need.keys]));
            for wanted in groups.flatten().filter(|wanted| !unread.contains(wanted)) {
                let key = wanted.split('=').next().unwrap();
                let known = match key.strip_suffix('*') {
                    Some("authProvider." | "superUser." | "authorizer.zookeeper.ssl.") => true,
                    Some(family) => names.iter().any(|name| name.starts_with(family)),
                    None => names.contains(&key) || key.starts_with("authorizer.zookeeper."),
                };
                assert!(known, "{wanted}");
            }
        }
    }
}

//! `kafnix show hosts`

use std::collections::BTreeMap;

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_generator::hosts::{self, Host};
use kafnix_generator::launch::{self, InstallPaths};
use serde_json::{Map, Value};

use super::table::head;
use crate::console::{Console, lines};

pub(super) fn show(cluster: &Cluster, console: &Console) -> Result<()> {
    let hosts = hosts::hosts(cluster);
    if console.is_json() {
        let hosts: Map<_, _> = hosts
            .iter()
            .map(|host| Ok((host.name.to_owned(), described(cluster, host)?)))
            .collect::<Result<_>>()?;
        return console.json(&hosts);
    }
    let mut text = String::new();
    for host in &hosts {
        let mut files = |product: String, files: &BTreeMap<&str, String>| {
            for (name, content) in files {
                head(&format!("{}: {name} ({product}, JDK {})", host.name, host.jdk), console.out, &mut text);
                text.push_str(&lines(content));
            }
        };
        if let Some(server) = &host.zookeeper {
            files(format!("ZooKeeper {}, heap {}", server.version, server.heap), &server.files);
        }
        if let Some(broker) = &host.kafka {
            files(format!("Kafka {}, heap {}", broker.version, broker.heap), &broker.files);
        }
    }
    console.print(&text)
}

/// A host with the command line of each unit, and of the JVM behind it.
fn described(cluster: &Cluster, host: &Host<'_>) -> Result<Value> {
    let mut all = serde_json::to_value(host)?;
    let paths = InstallPaths::NAMED;
    let zookeeper = host.zookeeper.iter().map(|server| launch::zookeeper(cluster, host.jdk, server, &paths));
    let kafka = host.kafka.iter().map(|broker| launch::kafka(cluster, host.jdk, broker, &paths));
    for arguments in zookeeper.chain(kafka) {
        let server = &mut all[&arguments[0]];
        #[cfg(feature = "live")]
        {
            server["java"] = kafnix_launch::java_command(&arguments)?.into();
        }
        server["command"] = std::iter::once("{launcher}".to_owned()).chain(arguments).collect();
    }
    Ok(all)
}

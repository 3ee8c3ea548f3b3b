//! `kafnix show hosts`

use std::collections::BTreeMap;

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_generator::hosts::{self, Host};
use kafnix_generator::jvm_command::{self, InstallPaths};
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

/// A host with the command line of each server.
fn described(cluster: &Cluster, host: &Host<'_>) -> Result<Value> {
    let mut all = serde_json::to_value(host)?;
    if let Some(server) = &host.zookeeper {
        all["zookeeper"]["command"] =
            jvm_command::zookeeper_command(cluster, host.jdk, server, &InstallPaths::NAMED).into();
    }
    if let Some(broker) = &host.kafka {
        all["kafka"]["command"] =
            jvm_command::kafka_command(cluster, host.jdk, broker, &InstallPaths::NAMED).into();
    }
    Ok(all)
}

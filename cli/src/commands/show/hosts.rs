//! `kafnix show hosts`

use std::collections::BTreeMap;

use anyhow::Result;
use kafnix_generator::{Cluster, hosts};
use serde_json::Map;

use super::table::head;
use crate::console::{Console, lines};

pub(super) fn show(cluster: &Cluster, console: &Console) -> Result<()> {
    let hosts = hosts::hosts(cluster);
    if console.is_json() {
        let hosts: Map<_, _> = hosts
            .iter()
            .map(|host| Ok((host.name.to_owned(), serde_json::to_value(host)?)))
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

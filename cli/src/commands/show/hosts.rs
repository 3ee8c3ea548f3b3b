//! `kafnix show hosts`

use std::collections::BTreeMap;

use anyhow::Result;
use kafnix_generator::Cluster;
use kafnix_generator::hosts::{self, HostConfig};
use kafnix_generator::launch::{self, InstallPaths};
use kafnix_generator::{Files, render};
use serde_json::{Map, Value};

use super::table::head;
use crate::commands::generate;
use crate::console::{Console, lines};

pub(super) fn show(cluster: &Cluster, console: &Console) -> Result<()> {
    let hosts = hosts::hosts(cluster);
    if console.is_json() {
        let files = generate(cluster, None)?;
        let hosts: Map<_, _> = hosts
            .iter()
            .map(|host| Ok((host.name.to_owned(), described(cluster, &files, host)?)))
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
        for service in host.services.values() {
            let product = service.role.product();
            files(format!("{product} {}, heap {}", service.version, service.heap), &service.files);
        }
    }
    console.print(&text)
}

/// A host with the digest of what is generated for it, and with the command line of each unit and of the JVM behind it.
fn described(cluster: &Cluster, files: &Files, host: &HostConfig<'_>) -> Result<Value> {
    let mut all = serde_json::to_value(host)?;
    all["generated"] = render::digest(files, host.name).into();
    let paths = InstallPaths::NAMED;
    for service in host.services.values() {
        let arguments = launch::arguments(cluster, host.jdk, service, &paths);
        let server = &mut all[service.role.key()];
        #[cfg(feature = "live")]
        {
            server["java"] = kafnix_launch::java_command(&arguments)?.into();
        }
        server["command"] = std::iter::once("{launcher}".to_owned()).chain(arguments).collect();
    }
    Ok(all)
}

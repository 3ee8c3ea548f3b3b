//! Hosts that have another configuration than the one that was generated for them, or services that run with another
//! unit than their host has, as the hosts have published it.

use kafnix_client::zookeeper::session::PublishedHost;
use kafnix_generator::{Cluster, render};
use kafnix_protocol::registry::{HOSTS, below};

use super::Plan;
use crate::observe::chroot;
use crate::snapshot::Snapshot;

pub(super) fn plan(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) {
    // The servers of this machine are started by no unit, and a registry that nobody could read is told elsewhere.
    let (false, Ok(registry)) = (snapshot.local, &snapshot.registry) else { return };
    // Where no host publishes, they do it without.
    if registry.hosts.is_empty() {
        return;
    }
    let files = kafnix_generator::generate(cluster, None).unwrap_or_default();
    for host in cluster.hosts.iter().filter(|host| host.managed.value) {
        match registry.hosts.get(&host.name) {
            Some(published) => {
                compare(&host.name, render::digest(&files, &host.name).as_deref(), published, plan);
            }
            None => plan.notes.push(format!(
                "{}: it has not said what it runs, as other hosts have: `systemctl status kafnix-generation` there \
                 tells why, where it has `services.kafnix.tools`",
                host.name
            )),
        }
    }
    let is_known = |name: &str| cluster.hosts.iter().any(|host| host.name == name);
    for name in registry.hosts.keys().filter(|name| !is_known(name)) {
        plan.notes.push(format!(
            "{name}: a host of this name has published what it runs, and is not in the spec: `zkCli.sh deleteall \
             {}/{name}` forgets it",
            below(chroot(cluster), HOSTS)
        ));
    }
}

fn compare(host: &str, generated: Option<&str>, published: &PublishedHost, plan: &mut Plan) {
    let has = published.generation.generated.as_deref();
    // What its broker runs with tells the same, with the settings that differ.
    let is_told =
        plan.open.iter().any(|open| open.subject == host && open.help.contains("nixos-rebuild switch"));
    if has.is_some() && generated.is_some() && has != generated && !is_told {
        plan.open(
            host,
            "it was not switched to the configuration that is generated from this spec".to_owned(),
            format!("`kafnix generate`, then `nixos-rebuild switch --flake .#{host}`"),
        );
    }
    let Some(running) = &published.running else { return };
    for (unit, wanted) in &running.wanted {
        let runs = running.services.get(unit).and_then(Option::as_ref);
        if runs.is_some_and(|runs| runs != wanted) {
            plan.open(
                host,
                format!("{unit} was not restarted since its configuration changed"),
                format!("`systemctl restart {unit}` there"),
            );
        }
    }
}

//! Hosts that have another configuration than the one that was generated for them, or services that run with another
//! unit than their host has, as the hosts have published it.

use std::collections::BTreeSet;

use kafnix_client::zookeeper::session::PublishedHost;
use kafnix_generator::role::Role;
use kafnix_generator::{Cluster, render};

use super::{Kind, Plan};
use crate::publish::{path, silent};
use crate::snapshot::{Missing, Snapshot};

pub(super) fn plan(cluster: &Cluster, snapshot: &Snapshot, plan: &mut Plan) {
    let mut told = BTreeSet::new();
    for held in snapshot.turns.iter().flatten().filter(|held| told.insert(&held.turn.host)) {
        let help = format!(
            "it gives it back when its servers are well; where it is not coming back, `kafnix turn release {}`",
            held.quoted()
        );
        plan.note(Kind::Turn, &held.turn.host, held.to_string(), help);
    }
    // The servers of this machine are started by no unit, and a registry that nobody could read is told elsewhere.
    let (false, Ok(registry)) = (snapshot.local, &snapshot.registry) else { return };
    // Where no host publishes, they do it without.
    if registry.hosts.is_empty() {
        return;
    }
    let tells_why = || {
        "`systemctl status kafnix-generation` there tells why, where it has `services.kafnix.tools`"
            .to_owned()
    };
    for host in silent(cluster, registry) {
        let what = "has not published what it runs, as other hosts have".to_owned();
        plan.note(Kind::HostSilent, host, what, tells_why());
    }
    let files = kafnix_generator::generate(cluster, None).unwrap_or_default();
    for host in cluster.hosts.iter().filter(|host| host.managed.value) {
        let Some(published) = registry.hosts.get(&host.name) else { continue };
        compare(cluster, &host.name, render::digest(&files, &host.name).as_deref(), published, plan);
        if published.running.is_none() {
            let what = "has not published what its servers run".to_owned();
            plan.note(Kind::HostSilent, &host.name, what, tells_why());
        }
    }
    let is_known = |name: &str| cluster.hosts.iter().any(|host| host.name == name);
    for name in registry.hosts.keys().filter(|name| !is_known(name)) {
        plan.note(
            Kind::HostNotInSpec,
            name,
            "a host of this name has published what it runs, and is not in the spec".to_owned(),
            format!("`zkCli.sh deleteall {}` forgets it", path(cluster, name)),
        );
    }
}

fn compare(
    cluster: &Cluster,
    host: &str,
    generated: Option<&str>,
    published: &PublishedHost,
    plan: &mut Plan,
) {
    match &published.generation {
        None => {
            let reason = format!(
                "`{}` cannot be read; `systemctl start kafnix-generation` there writes it again",
                path(cluster, host)
            );
            plan.unknown(Kind::HostGeneration, host, "what it has published", &Missing::Wrong(reason));
        }
        Some(generation) => {
            let has = generation.generated.as_deref();
            // What its broker runs with tells the same, with the settings that differ.
            let is_told = plan.open.iter().any(|of| of.subject == host && of.kind == Kind::BrokerSettings);
            if has.is_some() && generated.is_some() && has != generated && !is_told {
                plan.open(
                    Kind::HostNotSwitched,
                    host,
                    "it was not switched to the configuration that is generated from this spec".to_owned(),
                    format!("`kafnix generate`, then `nixos-rebuild switch --flake .#{host}`"),
                );
            }
        }
    }
    let Some(running) = &published.running else { return };
    for (unit, wanted) in &running.wanted {
        let runs = running.services.get(unit).and_then(Option::as_ref);
        if runs.is_some_and(|runs| runs != wanted) {
            // Nothing guards `systemctl restart`; this takes the turn and waits until the others can do without it.
            let only = Role::of_unit(unit).map(|role| format!(" --only {}", role.key())).unwrap_or_default();
            plan.open(
                Kind::ServiceNotRestarted,
                host,
                format!("{unit} was not restarted since its configuration changed"),
                format!("`kafnix rollout restart --host {host}{only}`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use kafnix_protocol::registry::Turn;

    use super::super::{Kind, plan};
    use crate::testing::{cluster, healthy};
    use crate::turn::Held;

    #[test]
    fn the_host_that_has_the_turn_is_noted_once() {
        let cluster = cluster();
        let (mut snapshot, _) = healthy(&cluster);
        let turn = Turn { host: "b".into(), reason: Some("a new kernel".into()), ..Turn::default() };
        let paths = ["/kafnix/ensemble/turn", "/t/kafnix/turn"];
        snapshot.turns = Ok(paths.map(|path| Held::new(path, turn.clone(), 0)).into());
        let plan = plan(&cluster, &snapshot);
        let [note] = plan.notes.as_slice() else { panic!("{plan:?}") };
        assert_eq!((note.kind, note.subject.as_str()), (Kind::Turn, "b"));
        assert!(note.what.starts_with("`b` has had the turn since 1970-01-01T00:00:00Z"), "{note:?}");
        assert!(note.what.ends_with("taken by hand: a new kernel"), "{note:?}");
        assert!(note.help.ends_with("`kafnix turn release b`"), "{note:?}");
        assert!(plan.is_empty(), "nobody has to do anything: {plan:?}");
    }
}

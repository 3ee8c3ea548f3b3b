//! What a service gets in any role: its host, its id, its release and its heap.

use super::ids::{Member, assign};
use super::settings::overlay;
use super::{Choice, Draft, Gap, hosts};
use crate::cluster::{Directories, Purpose, Service, Settings, Sourced};
use crate::role::Role;
use crate::spec::Spec;

/// The services of a role with the names of their hosts, in the order of the file. They have no directories and no
/// settings yet.
pub(super) fn services(draft: &mut Draft<'_>, role: Role) -> Vec<(String, Service)> {
    let spec = draft.spec;
    let members = draft.members(role);
    let written = |name: &str, at: &str| Some((spec.of_one(role, name)?.id?, format!("{at}/id")));
    let wanted: Vec<_> =
        members.iter().map(|(name, at)| Member { name, written: written(name, at) }).collect();
    let locked = draft.lock.map(|lock| lock.ids(role)).unwrap_or_default();
    let place = |host: &str| draft.lock.map(|lock| lock.id_place(role, host)).unwrap_or_default();
    let ids = assign(&wanted, &locked, place);
    let held = draft.lock.map(|lock| lock.held(role)).unwrap_or_default();
    let (default, reason) = role.heap();
    let mut services = Vec::new();
    for ((name, pointer), id) in members.into_iter().zip(ids) {
        if draft.cluster.host(&name).is_none() {
            draft.gaps.push(Gap::NotAHost { role, pointer, name });
            continue;
        }
        let choice = Choice { role, host: &name };
        let own = spec.of_one(role, &name).and_then(|own| own.heap);
        let service = Service {
            role,
            release: hosts::release(spec, &held, role, &name),
            id,
            heap: choice.of("heap", own, spec.of_all(role).heap, default, reason),
            directories: Vec::new(),
            endpoints: Vec::new(),
            stores: None,
            settings: Settings::new(),
            pointer,
        };
        services.push((name, service));
    }
    services
}

/// Where it keeps one kind of its data, if it does.
pub(super) fn keeps(service: &mut Service, purpose: Purpose, paths: Option<Sourced<Vec<String>>>) {
    service.directories.extend(paths.map(|paths| Directories { purpose, paths }));
}

/// What the spec writes for this service alone goes over what its place implies.
pub(super) fn add_settings(spec: &Spec, host: &str, service: &mut Service, implied: Settings) {
    service.settings = implied;
    let role = service.role;
    if let Some(own) = spec.of_one(role, host) {
        overlay(&mut service.settings, own.settings, &[role.key(), "hosts", host], role);
    }
}

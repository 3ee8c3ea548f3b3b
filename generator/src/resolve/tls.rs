//! Where each host has its files for TLS.

use super::Draft;
use crate::cluster::{Host, Origin, Sourced, Tls};
use crate::problem::pointer;
use crate::spec::Spec;

/// For each host a service of which needs them. What the spec does not say a rule reports.
pub(super) fn resolve(draft: &mut Draft<'_>) {
    let spec = draft.spec;
    for host in &mut draft.cluster.hosts {
        if host.services().any(|service| service.stores.is_some()) {
            host.tls = of_host(spec, host);
        }
    }
}

fn of_host(spec: &Spec, host: &Host) -> Option<Tls> {
    let own = &spec.hosts.get(&host.name)?.tls;
    let at = |key: &str| pointer(["hosts", &host.name, "tls", key]);
    let path = |key, own: &Option<String>, shared: &Option<String>| {
        let own = own.as_ref().map(|path| (path, at(key)));
        let (path, at) = own.or_else(|| Some((shared.as_ref()?, pointer(["tls", key]))))?;
        Some(Sourced::new(path.replace("{host}", &host.name), Origin::Spec(at)))
    };
    Some(Tls {
        key_store: path("keyStore", &own.key_store, &spec.tls.key_store)?,
        trust_store: path("trustStore", &own.trust_store, &spec.tls.trust_store)?,
    })
}

//! What an authorizer makes of brokers and clients that are all ANONYMOUS, as on PLAINTEXT listeners.
//! Shared by the rules about authorizers; no rule itself.

use crate::references::references;
use crate::rules::settings::effective::Effective;

pub(in crate::rules) const CLASS: &str = "authorizer.class.name";
pub(in crate::rules) const SUPER_USERS: &str = "super.users";
pub(in crate::rules) const NO_ACL: &str = "allow.everyone.if.no.acl.found";

/// Whether the broker has the authorizer of Kafka that keeps ACLs in ZooKeeper: what others ask is theirs to
/// tell.
pub(in crate::rules) fn has_acls(broker: &Effective<'_>) -> bool {
    broker.text(CLASS).is_some_and(|class| class.ends_with("AclAuthorizer"))
}

/// The settings that let in whom nobody knows.
pub(in crate::rules) fn let_in<'k>(broker: &Effective<'_>) -> impl Iterator<Item = &'k str> {
    let users = broker.text(SUPER_USERS).unwrap_or_default();
    let anonymous = users.split(';').any(|user| user.trim() == "User:ANONYMOUS");
    let no_acl = broker.text(NO_ACL).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let anonymous = anonymous.then_some(SUPER_USERS);
    anonymous.into_iter().chain(no_acl.then_some(NO_ACL))
}

/// Whether only the host knows who is let in.
pub(in crate::rules) fn is_open(broker: &Effective<'_>) -> bool {
    [SUPER_USERS, NO_ACL].into_iter().any(|key| {
        let text = broker.text(key).unwrap_or_default();
        references(&text).next().is_some()
    })
}

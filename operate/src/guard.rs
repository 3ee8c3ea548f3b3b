//! What a host asks before it restarts servers: whether it is its turn, and whether the cluster can do without them
//! now.

use std::time::Duration;

use anyhow::{Context as _, Result};
use kafnix_client as client;
use kafnix_client::{Access, Identity};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Host;
use kafnix_generator::role::Role;
use kafnix_protocol::registry::Turn;
use zookeeper_client::Client;

use crate::ensemble;
use crate::observe::{Options, look};
use crate::progress::Progress;
use crate::restart::{Judgement, Policy, has_quorum, judge};
use crate::snapshot::Snapshot;
use crate::turn::{self, Held, Taken};

/// A server that is alive answers in milliseconds. A majority that is up elects a leader within seconds; one that
/// has not by then is no quorum.
const ANSWER: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);
const ENSEMBLE: Access = Access::plain(ANSWER);

/// A restart that a host is about to make.
pub struct Restart<'a> {
    pub cluster: &'a Cluster,
    pub host: &'a Host,
    /// Of the servers that are not down and would restart or stop.
    pub roles: &'a [Role],
    /// None of them has served since it was started: the turn of another host is not waited for. It is taken where it
    /// is free, since they may come up meanwhile.
    pub is_repair: bool,
    pub turn: &'a Turn,
    /// As whom it asks brokers that speak TLS.
    pub identity: Option<&'a Identity>,
    pub progress: &'a dyn Progress,
}

/// What the guard says.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub judgement: Judgement,
    /// The host has the turn now.
    pub has_turn: bool,
}

impl Said {
    pub fn refuses(refusals: Vec<String>) -> Self {
        Self { judgement: Judgement { refusals, warnings: Vec::new() }, has_turn: false }
    }
}

impl Restart<'_> {
    /// Takes the turn, then looks, and gives the turn back where the restart is refused.
    pub fn ask(&self) -> Result<Said> {
        client::run(self.asked())?
    }

    async fn asked(&self) -> Result<Said> {
        let paths = turn::paths(self.cluster, self.host);
        // Without an ensemble there is no turn, and the rules say what may restart.
        let Some(session) = self.session().await else { return Ok(self.without_turn().await) };
        let new = match turn::take(&session, &paths, self.turn).await? {
            Taken::Yes { new } => new,
            Taken::HeldBy(_) if self.is_repair => return Ok(self.said(false).await),
            Taken::HeldBy(held) => return Ok(refused(&held)),
        };
        let said = self.said(true).await;
        if said.judgement.may_restart() {
            return Ok(said);
        }
        turn::give_back(&session, &new, &self.turn.host)
            .await
            .context("the turn cannot be given back: `kafnix turn release` does it by hand")?;
        Ok(Said { has_turn: false, ..said })
    }

    /// The same without the turn: nothing is written.
    pub fn would_say(&self) -> Result<Said> {
        client::run(async {
            let paths = turn::paths(self.cluster, self.host);
            let Some(session) = self.session().await else { return Ok(self.without_turn().await) };
            let held = turn::holders(&session, &paths).await?;
            match held.iter().find(|held| held.turn.host != self.turn.host) {
                Some(held) if !self.is_repair => Ok(refused(held)),
                _ => Ok(self.said(false).await),
            }
        })?
    }

    /// For a person who has said that the restart is to be, whatever it does: it has the turn where that is free.
    pub fn force(&self) -> Result<Option<Held>> {
        client::run(async {
            let Some(session) = self.session().await else { return Ok(None) };
            match turn::take(&session, &turn::paths(self.cluster, self.host), self.turn).await? {
                Taken::Yes { .. } => Ok(None),
                Taken::HeldBy(held) => Ok(Some(held)),
            }
        })?
    }

    /// Nothing where no server of the ensemble serves.
    async fn session(&self) -> Option<Client> {
        if let Ok(session) = ensemble::open(self.cluster, &ENSEMBLE).await {
            return Some(session);
        }
        self.look().await;
        ensemble::open(self.cluster, &ENSEMBLE).await.ok()
    }

    async fn look(&self) -> Snapshot {
        let access = Access { limit: ANSWER, identity: self.identity.cloned() };
        let options = Options { access, local: false, peers: false, patience: PATIENCE };
        look(self.cluster, &options, self.progress).await
    }

    /// Where there is a quorum, the turn is there to be taken.
    async fn without_turn(&self) -> Said {
        let snapshot = self.look().await;
        let mut judgement = judge(self.cluster, &snapshot, self.host, self.roles, Policy::MinIsr);
        if has_quorum(self.cluster, &snapshot) && !self.is_repair {
            judgement.refusals.push(format!(
                "the ensemble has a quorum and opens no session within {} s, so that the turn cannot be taken: look \
                 at the disks and the journals of its servers",
                ANSWER.as_secs()
            ));
        }
        Said { judgement, has_turn: false }
    }

    async fn said(&self, has_turn: bool) -> Said {
        let snapshot = self.look().await;
        let judgement = judge(self.cluster, &snapshot, self.host, self.roles, Policy::MinIsr);
        Said { judgement, has_turn }
    }
}

fn refused(held: &Held) -> Said {
    let why = format!(
        "{held}: it restarts its servers, and gives the turn back when they are well. Where it is not coming back, \
         `kafnix turn release {}` takes it away",
        held.quoted()
    );
    Said::refuses(vec![why])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fake::Fake;
    use crate::progress::Silent;

    async fn asked(fake: &Fake, host: &str, is_repair: bool) -> Said {
        let turn = Turn { host: host.to_owned(), ..Turn::default() };
        let (cluster, roles) = (&fake.cluster, Role::ALL);
        let host = cluster.host("a").unwrap();
        Restart { cluster, host, roles: &roles, is_repair, turn: &turn, identity: None, progress: &Silent }
            .asked()
            .await
            .unwrap()
    }

    #[test]
    fn the_turn_is_taken_before_anything_is_looked_at() {
        client::run(async {
            let fake = Fake::start(json!({ "orders": {} }), None).await;
            let said = asked(&fake, "a", false).await;
            assert!(said.has_turn && said.judgement.may_restart(), "{said:?}");
            let requests = fake.shared.state().requests;
            assert!(requests > 0, "the broker was not asked");
            // Of whoever has the turn nothing is known before it is given back.
            let said = asked(&fake, "another", false).await;
            assert!(said.judgement.refusals[0].contains("`a` has had the turn since"), "{said:?}");
            assert_eq!(fake.shared.state().requests, requests);
            // What has not served is repaired, by the same rules, whoever has the turn.
            let said = asked(&fake, "another", true).await;
            assert!(said.judgement.may_restart() && !said.has_turn, "{said:?}");
            assert!(fake.shared.state().requests > requests, "the rules were not asked");
        })
        .unwrap();
    }
}

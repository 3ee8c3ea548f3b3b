//! Nobody has the turn to restart servers, or it is known who.

use kafnix_generator::Cluster;

use super::{Check, ENSEMBLE, Expect, Judge, Snapshot, Verdict};

pub(super) static CHECK: Check = Check {
    code: "V209",
    title: "no host has the turn",
    why: "A host that restarts its servers has the turn until they are well, and no other host restarts its own \
          meanwhile. One that died with it keeps it.",
    help: "wait until the host is well (`systemctl status kafnix-generation` on it says what it waits for); where it \
           is not coming back, `kafnix turn release HOST`",
    judge: Judge::Snapshot(run),
};

fn run(_: &Cluster, snapshot: &Snapshot) -> Vec<Verdict> {
    let expect = Expect::of(ENSEMBLE, "nobody has it");
    vec![match &snapshot.turns {
        Err(missing) => expect.skipped(missing.reason()),
        Ok(held) => match held.first() {
            None => expect.good("nobody has it"),
            Some(held) => expect.note(held.to_string()),
        },
    }]
}

#[cfg(test)]
mod tests {
    use kafnix_protocol::registry::Turn;

    use super::super::testing::{good, noted};
    use super::CHECK;
    use crate::turn::Held;

    #[test]
    fn who_has_the_turn_is_noted() {
        good(&CHECK, |_| ());
        noted(&CHECK, |snapshot| {
            let turn = Turn { host: "b".into(), ..Turn::default() };
            snapshot.turns = Ok(vec![Held::new("/kafnix/turn", turn, 0)]);
        });
    }
}

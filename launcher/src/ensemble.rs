//! Which members of the ensemble can be reached, and which of them serve.

use std::fmt;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::probe::{self, Answer};

/// Members that are on their way up at the same time, after a power cut say, need a moment; a majority
/// that is away for longer is waited for in the state READY, since what is missing is on other hosts.
const GRACE: Duration = Duration::from_secs(5);
/// A quorum needs a few seconds to elect; where a majority is up and none has led for this long, what
/// they have does not make a quorum, and waiting for it in silence helps nobody.
pub const LEADERLESS: Duration = Duration::from_secs(60);

/// How the voting members answer. An observer is no member here: it does not count for a majority.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roll {
    /// Where clients find those that serve.
    pub serving: Vec<String>,
    pub answering: usize,
    pub of: usize,
}

impl Roll {
    /// Asks all at once: one that is dead costs its timeout only once.
    pub async fn call(members: &[String]) -> Self {
        let mut questions = JoinSet::new();
        for member in members.iter().cloned() {
            questions.spawn(async move {
                let answer = probe::zookeeper(&member).await;
                (member, answer)
            });
        }
        let mut roll = Self { of: members.len(), ..Self::default() };
        while let Some(answered) = questions.join_next().await {
            if let Ok((member, answer)) = answered {
                roll.note(member, answer);
            }
        }
        roll.serving.sort();
        roll
    }

    pub fn note(&mut self, member: String, answer: Answer) {
        match answer {
            Answer::Nothing => return,
            Answer::NotServing => {}
            // whoever may not be asked may well serve
            Answer::Serving(_) | Answer::Forbidden => self.serving.push(member),
        }
        self.answering += 1;
    }

    pub fn majority(&self) -> bool {
        self.answering > self.of / 2
    }
}

/// "1 of 3 members answer"
impl fmt::Display for Roll {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {} members answer", self.answering, self.of)?;
        if self.majority() && self.serving.is_empty() {
            write!(out, ", none serves")?;
        }
        Ok(())
    }
}

/// Since when something has been so, without a break.
#[derive(Debug, Default)]
pub struct Lasting {
    since: Option<Instant>,
}

impl Lasting {
    pub fn note(&mut self, is_so: bool, now: Instant) -> Duration {
        if !is_so {
            self.since = None;
            return Duration::ZERO;
        }
        now.saturating_duration_since(*self.since.get_or_insert(now))
    }
}

/// Since when a quorum has been missing that is not on its way: what is missing is on other hosts, and a
/// start that waited for it would keep `nixos-rebuild switch` waiting.
#[derive(Debug, Default)]
pub struct Absence {
    away: Lasting,
    leaderless: Lasting,
}

impl Absence {
    /// `reached`: a majority is up. Whether it has been away, or without a leader, for too long.
    pub fn note(&mut self, reached: bool, roll: &Roll, now: Instant) -> bool {
        let away = self.away.note(!reached, now);
        let leaderless = self.leaderless.note(reached && roll.serving.is_empty(), now);
        away >= GRACE || leaderless >= LEADERLESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafnix_protocol::four_letter_words::Mode;

    fn roll(answers: &[Answer]) -> Roll {
        let mut roll = Roll { of: answers.len(), ..Roll::default() };
        for (number, answer) in answers.iter().enumerate() {
            roll.note(format!("m{number}"), *answer);
        }
        roll
    }

    #[test]
    fn the_roll_says_who_answers_and_whether_anybody_serves() {
        use Answer::{Forbidden, NotServing, Nothing, Serving};
        let one = roll(&[NotServing, Nothing, Nothing]);
        assert_eq!((one.to_string().as_str(), one.majority()), ("1 of 3 members answer", false));
        let two = roll(&[NotServing, Nothing, NotServing]);
        assert_eq!((two.to_string().as_str(), two.majority()), ("2 of 3 members answer, none serves", true));
        let three = roll(&[Serving(Mode::Leader), Forbidden, NotServing]);
        assert_eq!((three.to_string().as_str(), three.serving.len()), ("3 of 3 members answer", 2));
        assert!(!roll(&[NotServing, NotServing, Nothing, Nothing]).majority());
    }

    #[test]
    fn a_break_begins_the_count_anew() {
        let mut lasting = Lasting::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(lasting.note(true, start), Duration::ZERO);
        assert_eq!(lasting.note(true, after(7)), Duration::from_secs(7));
        assert_eq!(lasting.note(false, after(8)), Duration::ZERO);
        assert_eq!(lasting.note(true, after(9)), Duration::ZERO);
    }

    #[test]
    fn a_majority_that_elects_nobody_is_as_good_as_away() {
        use Answer::{NotServing, Nothing, Serving};
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut absence = Absence::default();
        let (alone, two) = (roll(&[NotServing, Nothing, Nothing]), roll(&[NotServing, NotServing, Nothing]));
        let led = roll(&[NotServing, Serving(Mode::Leader), Nothing]);
        let mut at = |seconds, roll: &Roll| absence.note(roll.majority(), roll, after(seconds));
        assert!(!at(0, &alone) && !at(4, &alone) && at(5, &alone));
        assert!(!at(6, &two) && !at(65, &two) && at(66, &two));
        assert!(!at(67, &led) && !at(1000, &led));
    }
}

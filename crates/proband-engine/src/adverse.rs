//! Adverse events of one participant: what happened, and what the trial learned of it.

use crate::draws::TwinDraws;
use proband_trial::AdverseEvent;

/// One episode of an adverse event as it happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Episode {
    /// Position in `Trial::adverse_events`.
    pub(crate) adverse_event: usize,
    /// Days since day 1.
    pub(crate) onset: f64,
    /// Days since day 1; infinite where it lasts to the end.
    pub(crate) end: f64,
    /// Grade, from 1.
    pub(crate) grade: u8,
    /// Serious.
    pub(crate) serious: bool,
    /// Whether the trial learns of it at all.
    pub(crate) reported: bool,
}

/// How often an adverse event has happened to a participant, and until when the last one lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Course {
    occurrences: u64,
    ongoing_until: f64,
}

impl Course {
    /// Never yet.
    pub(crate) const NONE: Self = Self { occurrences: 0, ongoing_until: f64::NEG_INFINITY };

    /// Its cause has occurred on `day`. While an episode lasts, a further occurrence is part of it;
    /// what does not recur happens once. An event that recurs and has no duration lasts until it
    /// happens again: see [`end_before`].
    pub(crate) fn occur(
        &mut self,
        event: &AdverseEvent,
        adverse_event: usize,
        day: f64,
        draws: &TwinDraws<'_>,
    ) -> Option<Episode> {
        let again = self.occurrences > 0;
        let lasts = event.lasts.is_some() || !event.recurs;
        if lasts && day < self.ongoing_until || again && !event.recurs {
            return None;
        }
        let episode = episode(event, adverse_event, day, self.occurrences, draws);
        self.occurrences += 1;
        self.ongoing_until = episode.end;
        Some(episode)
    }
}

/// Ends the last episode of the same adverse event where a new one begins, if it still goes on.
pub(crate) fn end_before(episodes: &mut [Episode], new: &Episode) {
    let same = |earlier: &&mut Episode| earlier.adverse_event == new.adverse_event;
    if let Some(last) = episodes.iter_mut().rev().find(same) {
        last.end = last.end.min(new.onset);
    }
}

fn episode(
    event: &AdverseEvent,
    adverse_event: usize,
    onset: f64,
    occurrence: u64,
    draws: &TwinDraws<'_>,
) -> Episode {
    let purposes = draws.adverse_event(adverse_event);
    let lasts = event.lasts.map_or(f64::INFINITY, |mean| {
        mean * draws.at(purposes.duration, occurrence).exponential()
    });
    let severity = draws.at(purposes.severity, occurrence).uniform();
    let grade = grade(&event.severity, severity);
    let (end, serious, reported) = (onset + lasts, false, true);
    let mut episode = Episode { adverse_event, onset, end, grade, serious, reported };
    episode.decide(event, draws, occurrence);
    episode
}

impl Episode {
    /// Draws whether it is serious, and whether the trial learns of it.
    pub(crate) fn decide(
        &mut self,
        event: &AdverseEvent,
        draws: &TwinDraws<'_>,
        occurrence: u64,
    ) {
        let purposes = draws.adverse_event(self.adverse_event);
        let uniform = |purpose| draws.at(purpose, occurrence).uniform();
        self.serious = uniform(purposes.serious) < event.serious;
        self.reported = uniform(purposes.reported) < event.reported;
    }
}

/// The grade at which the shares of the grades up to it exceed `u`.
fn grade(severity: &[f64], u: f64) -> u8 {
    let mut up_to = 0.0;
    for (grade, share) in (1_u8..).zip(severity) {
        up_to += share;
        if u < up_to {
            return grade;
        }
    }
    u8::try_from(severity.len().max(1)).unwrap_or(u8::MAX)
}

/// Follows the grade that conditions give. A stretch of time at grade 1 or above is an episode; one
/// that worsens ends there, and what it has worsened to is an episode of its own, so that each has
/// the grade it was reported with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Graded {
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    onset: f64,
    grade: u8,
    /// The grade at present, which may be lower.
    present: u8,
}

impl Graded {
    /// Grade 0.
    pub(crate) const NONE: Self = Self { open: None };

    /// The grade at present; 0 while none of the conditions holds.
    pub(crate) fn present(&self) -> u8 {
        self.open.map_or(0, |open| open.present)
    }

    /// The grade is `grade` from `day` on. Gives the episode that this ends.
    pub(crate) fn set(&mut self, adverse_event: usize, day: f64, grade: u8) -> Option<Episode> {
        let present = self.present();
        if grade == 0 || grade > present {
            let ended = self.close(adverse_event, day);
            self.open = (grade > 0).then_some(Open { onset: day, grade, present: grade });
            return ended;
        }
        if let Some(open) = &mut self.open {
            open.present = grade;
        }
        None
    }

    /// Follow-up is over: an episode that is open has no end.
    pub(crate) fn finish(&mut self, adverse_event: usize) -> Option<Episode> {
        self.close(adverse_event, f64::INFINITY)
    }

    fn close(&mut self, adverse_event: usize, end: f64) -> Option<Episode> {
        let Open { onset, grade, .. } = self.open.take()?;
        Some(Episode { adverse_event, onset, end, grade, serious: false, reported: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_give_grades() {
        let severity = [0.7, 0.2, 0.1];
        assert_eq!(
            [0.0, 0.69, 0.7, 0.89, 0.95, 0.999_999].map(|u| grade(&severity, u)),
            [1, 1, 2, 2, 3, 3]
        );
        assert_eq!(grade(&[0.0, 0.0, 0.9, 0.1], 0.0), 3);
    }

    #[test]
    fn an_episode_that_worsens_is_followed_by_another() {
        let mut graded = Graded::NONE;
        let mut set = |day, grade| {
            graded.set(0, day, grade).map(|episode| (episode.onset, episode.end, episode.grade))
        };
        assert_eq!(set(1.0, 0), None);
        assert_eq!(set(8.0, 2), None);
        assert_eq!(set(15.0, 4), Some((8.0, 15.0, 2)));
        assert_eq!(set(22.0, 1), None, "better, but still going on");
        assert_eq!(set(29.0, 2), Some((15.0, 29.0, 4)), "worse again");
        assert_eq!(set(36.0, 0), Some((29.0, 36.0, 2)));
        assert_eq!(set(43.0, 3), None);
        assert!(graded.finish(0).expect("still open").end.is_infinite());
        assert_eq!(graded.finish(0), None);
    }
}

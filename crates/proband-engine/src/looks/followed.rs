//! The people of one repetition of a trial with looks.

use super::{Course, Held};
use crate::conduct::Person;
use crate::enrolment::{Enrolment, screened};
use crate::outcome::{Outcomes, participant};
use crate::plan::Plan;
use crate::repeat::Repetition;
use crate::screening::Refused;
use crate::shard::{Enrolled, Shard};
use crate::worked::Worked;
use proband_analysis::{Ended, ParticipantColumns, Screening};
use proband_interim::{Conducted, Entered, People, Rules};
use proband_trial::{EndpointValue, Happening, Trial};
use std::convert::Infallible;

/// Everybody who was enrolled, followed to the end.
pub(super) struct Followed<'p, 't> {
    plan: &'p Plan<'t>,
    replicate: u32,
    outcomes: Outcomes<'p, 't>,
    /// In the order of their entry.
    pub(super) participants: Vec<Enrolled>,
    pub(super) refused: Vec<Refused>,
    /// By participant.
    pub(super) entered: Vec<Entered>,
    /// Who was screened until all of them were enrolled, as far as that was counted.
    screening: Option<Screening>,
}

impl<'p, 't> Followed<'p, 't> {
    pub(super) fn nobody(plan: &'p Plan<'t>, replicate: u32) -> Self {
        Self {
            plan,
            replicate,
            outcomes: Outcomes::new(plan),
            participants: Vec::new(),
            refused: Vec::new(),
            entered: Vec::new(),
            screening: None,
        }
    }

    pub(super) fn new(plan: &'p Plan<'t>, repetition: Repetition) -> Self {
        let Enrolment { replicate, screening, .. } = repetition.enrolment;
        let mut followed = Self::nobody(plan, replicate);
        for shard in repetition.shards {
            followed.add(shard.participants);
            followed.refused.extend(shard.refused);
        }
        Self { screening: Some(screening), ..followed }
    }

    pub(super) fn add(&mut self, participants: Vec<Enrolled>) {
        for one in participants {
            self.entered.push(entered(self.plan.trial, &one, &mut self.outcomes));
            self.participants.push(one);
        }
    }

    /// Lets everybody go but the first so many.
    pub(super) fn keep(&mut self, first: usize) {
        self.participants.truncate(first);
        self.entered.truncate(first);
    }

    pub(super) fn entered_by(&self, day: f64) -> usize {
        self.entered.partition_point(|one| one.entry <= day)
    }

    pub(super) fn known_on(&self, day: f64) -> ParticipantColumns {
        as_of(self.plan, &self.participants[..self.entered_by(day)], day).columns
    }

    /// Those who come after the end are not there, and whoever was screened after the last of the others
    /// was not needed.
    pub(super) fn close(mut self, conducted: Conducted) -> Held {
        let here = self.entered_by(conducted.end);
        let everybody = self.screening.take().filter(|_| here == self.participants.len());
        self.keep(here);
        let screening = everybody.unwrap_or_else(|| {
            let drawn = self.participants.last().map_or(0, |last| last.person.twin.number + 1);
            self.refused.retain(|refused| refused.twin.number < drawn);
            self.refused.sort_by_key(|refused| refused.twin);
            screened(self.plan, &self.refused, here as u64, drawn)
        });
        let people = Shard { participants: self.participants, refused: self.refused };
        let course = Course::Looks(Box::new(conducted));
        Held { replicate: self.replicate, screening, people, course }
    }
}

impl People for Followed<'_, '_> {
    type Error = Infallible;

    fn enrol(&mut self, _: &Rules) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn entered(&self) -> &[Entered] {
        &self.entered
    }

    fn known(&mut self, day: f64) -> ParticipantColumns {
        self.known_on(day)
    }

    fn let_go(&mut self, _: f64) {}
}

/// People as of a day of the trial's calendar, with what is worked out of them.
pub(super) fn as_of(plan: &Plan<'_>, people: &[Enrolled], day: f64) -> Worked {
    let participants = people.iter().map(|one| one.as_of(day)).collect();
    let mut worked = Worked::of(plan, Shard { participants, refused: Vec::new() });
    let since: Vec<f64> = people.iter().map(|one| day - one.person.arrival.entry).collect();
    plan.layout.leave_out_what_is_not_due(&mut worked.columns, &since);
    worked
}

/// When somebody entered, and when the trial learned what it counts.
fn entered(trial: &Trial, one: &Enrolled, outcomes: &mut Outcomes<'_, '_>) -> Entered {
    let (person, entry) = (&one.person, one.person.arrival.entry);
    let outcome = outcomes.of(person, one.path);
    let known = participant(one, &outcome);
    let events = trial.endpoints.iter().map(|endpoint| {
        let EndpointValue::Time(time) = &endpoint.value else { return f64::INFINITY };
        match known.ended(time) {
            (day, Ended::Event) => entry + learned(trial, person, &time.events, day),
            _ => f64::INFINITY,
        }
    });
    let attended = person.seen.visits.iter().filter(|visit| visit.attended);
    Entered {
        entry,
        arm: one.arm,
        attended: attended.map(|visit| (visit.encounter, entry + visit.day)).collect(),
        events: events.collect(),
        until: entry + outcome.followed,
    }
}

/// When the trial learned of an event that counts on a day: events of models count when it does, adverse
/// events since their onset.
fn learned(trial: &Trial, person: &Person, events: &[Happening], day: f64) -> f64 {
    let at_visit = events.iter().any(|event| match event {
        Happening::AdverseEvent(event) => trial.adverse_events[*event].found_at_encounter,
        _ => false,
    });
    if !at_visit {
        return day;
    }
    let visits = person.seen.visits.iter().filter(|visit| visit.attended && visit.day >= day);
    visits.map(|visit| visit.day).fold(f64::INFINITY, f64::min)
}

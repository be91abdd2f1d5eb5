//! What had happened to a person by a day, and what the trial knew of it: everything later is left out, and
//! follow-up ends there.

use crate::adverse::{Episode, Graded};
use crate::conduct::{Person, Progress, Seen, Truth};
use crate::shard::Enrolled;

impl Enrolled {
    /// The participant as of a day of the trial's calendar.
    pub(super) fn as_of(&self, day: f64) -> Self {
        let person = self.person.as_of(day - self.person.arrival.entry);
        Self { person, strata: self.strata.clone(), ..*self }
    }
}

impl Person {
    /// The person as of a day since day 1, with nothing but what tables and analyses read: nobody goes on
    /// from there.
    fn as_of(&self, day: f64) -> Self {
        let until = |one: f64| one <= day;
        Self {
            twin: self.twin,
            arrival: self.arrival,
            rung: self.rung,
            covariates: self.covariates.clone(),
            parameters: self.parameters.clone(),
            states: Vec::new(),
            until: self.until.min(day),
            seen: self.seen.as_of(day),
            truth: self.truth.as_of(day),
            course: Progress { graded: self.graded_as_of(day), ..Progress::default() },
            discontinued: up_to(&self.discontinued, |one| until(one.day)),
            stopped: self.stopped.filter(|&(_, stopped)| until(stopped)),
            treated_until: self.treated_until.filter(|&treated| until(treated)),
            ending: self.ending.clone().filter(|ending| until(ending.day)),
        }
    }

    /// The grades by true values: an episode that began later has not begun.
    fn graded_as_of(&self, day: f64) -> Vec<Graded> {
        let begun = |graded: &Graded| graded.clone().finish(0).is_none_or(|e| e.onset <= day);
        let graded = self.course.graded.iter();
        graded.map(|graded| if begun(graded) { *graded } else { Graded::NONE }).collect()
    }
}

impl Seen {
    fn as_of(&self, day: f64) -> Self {
        let records = up_to(&self.records, |record| record.day <= day);
        Self {
            visits: up_to(&self.visits, |visit| visit.day <= day),
            limited: up_to(&self.limited, |(record, _)| *record < records.len()),
            records,
            doses: up_to(&self.doses, |dose| dose.day <= day),
            decisions: up_to(&self.decisions, |decision| decision.day <= day),
        }
    }
}

impl Truth {
    /// What is asked of the twin is no matter of time.
    fn as_of(&self, day: f64) -> Self {
        let mut episodes = up_to(&self.episodes, |episode| episode.onset <= day);
        episodes.iter_mut().for_each(|episode| go_on(episode, day));
        let points = up_to(&self.points, |point| point.day <= day);
        let observables = self.values.len().checked_div(self.points.len()).unwrap_or(0);
        Self {
            events: up_to(&self.events, |event| event.day <= day),
            episodes,
            implausible: up_to(&self.implausible, |(_, found)| *found <= day),
            values: self.values[..points.len() * observables].to_vec(),
            points,
            asked: self.asked.clone(),
            predicted: self.predicted.clone(),
        }
    }
}

/// An episode that ends later is still going on.
fn go_on(episode: &mut Episode, day: f64) {
    if episode.end > day {
        episode.end = f64::INFINITY;
    }
}

fn up_to<T: Clone>(all: &[T], is_there: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().filter(|one| is_there(one)).cloned().collect()
}

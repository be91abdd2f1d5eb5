//! How a participant stands, where expressions of the truth ask: signals that the conduct changes.

use super::agenda::Due;
use super::host::Conduct;
use super::lane::{Effect, Here};
use super::person::{Decision, Person};
use crate::plan::Standing;
use proband_trial::{Cause, Happening, Quantity};

impl Conduct<'_> {
    /// Brings the signals up to date with what has happened at this instant.
    pub(super) fn refresh(&self, here: &mut Here<'_>, so_far: Effect) -> Effect {
        let mut changed = false;
        if !so_far.finished {
            for Standing { row, what } in &self.phase.standings {
                if let Some(value) = self.standing(here, what) {
                    changed |= here.field.set_signal(*row, here.lane, value);
                }
            }
        }
        Effect::changed(changed)
    }

    /// The present value of a quantity; none of a baseline, which stays.
    fn standing(&self, here: &Here<'_>, what: &Quantity) -> Option<f64> {
        let person = &self.people[self.lanes[here.lane].place];
        let day = self.day(here.t);
        Some(match what {
            Quantity::Record(observable) => person.nth_latest(*observable, 0),
            Quantity::Previous(observable) => person.nth_latest(*observable, 1),
            Quantity::SoFar(happening) => self.count(person, *happening),
            Quantity::Grade(event) => f64::from(self.present_grade(person, *event, day)),
            Quantity::OnTreatment => {
                let planned = (0.0..self.plan.trial.end_of_treatment()).contains(&day);
                let goes_on = self.stage.is_treatment() && planned;
                f64::from(u8::from(goes_on && person.is_on_treatment()))
            }
            Quantity::LastDose => {
                let last = person.seen.doses.iter().rfind(|dose| dose.taken);
                last.map_or(f64::NEG_INFINITY, |dose| dose.day)
            }
            of @ (Quantity::Dose(_) | Quantity::Rung | Quantity::Cycle | Quantity::Taken) => {
                self.latest_dose(here.lane, of).unwrap_or(0.0)
            }
            _ => return None,
        })
    }

    /// What is asked of the latest scheduled dose, and of its regimen; none before the first.
    fn latest_dose(&self, lane: usize, what: &Quantity) -> Option<f64> {
        let person = &self.people[self.lanes[lane].place];
        let latest = person.seen.doses.last()?;
        let of = &self.plan.trial.regimens[latest.regimen];
        match what {
            Quantity::Taken => return Some(f64::from(u8::from(latest.taken))),
            Quantity::Dose(unit) => return Some(latest.amount * of.unit.factor_to(unit)?),
            _ => {}
        }
        let place =
            self.phase.given.iter().position(|given| given.regimen == latest.regimen)?;
        // The next rung of a climb counts with its first dose, and that of a rule at once.
        let day = latest.day.max(person.course.dosing[place].since);
        let stands = self.stands(lane, place, day, false);
        Some(match what {
            Quantity::Rung => stands.rung as f64 + 1.0,
            _ => stands.cycle as f64,
        })
    }

    /// How often something has happened.
    fn count(&self, person: &Person, happening: Happening) -> f64 {
        let count = match happening {
            Happening::Model(what) => {
                person.truth.events.iter().filter(|event| event.what == what).count()
            }
            Happening::AdverseEvent(index) => {
                let of = |episode: &&crate::adverse::Episode| episode.adverse_event == index;
                let open = person.course.graded[index].present() > 0;
                person.truth.episodes.iter().filter(of).count() + usize::from(open)
            }
            Happening::Discontinuation(index) => {
                person.discontinued.iter().filter(|one| one.by == index).count()
            }
            Happening::Rule(rule) => {
                let acted = |decision: &&Decision| decision.rule == rule && decision.obeyed;
                person.seen.decisions.iter().filter(acted).count()
            }
            Happening::Timed(_) => 0,
        };
        count as f64
    }

    /// The grade of an adverse event by true values; 0 while it does not go on.
    fn present_grade(&self, person: &Person, index: usize, day: f64) -> u8 {
        if let Cause::Grades { .. } = self.plan.trial.adverse_events[index].cause {
            return person.course.graded[index].present();
        }
        let going_on = |one: &&crate::adverse::Episode| {
            one.adverse_event == index
                && self.plan.clock.time(one.end) > self.plan.clock.time(day)
        };
        person.truth.episodes.iter().rev().find(going_on).map_or(0, |episode| episode.grade)
    }

    /// Takes the true values at the start of day 1, where expressions ask for them.
    pub(super) fn take_baselines(&mut self, here: &mut Here<'_>) {
        if !self.stage.is_treatment() {
            return;
        }
        let Some(values) = self.kernels.baselines(here) else { return };
        let baselines = self.phase.standings.iter();
        let baselines =
            baselines.filter(|standing| matches!(standing.what, Quantity::TrueBaseline { .. }));
        for (Standing { row, .. }, value) in baselines.zip(values) {
            here.field.set_signal(*row, here.lane, value);
        }
        here.take_path();
    }

    /// Enters when what goes on where a stage begins will have passed.
    pub(super) fn plan_what_passes(&mut self, here: &Here<'_>) {
        let ends: Vec<f64> = {
            let person = self.person(here.lane);
            person.truth.episodes.iter().map(|episode| episode.end).collect()
        };
        for end in ends.into_iter().chain([self.plan.trial.end_of_treatment()]) {
            if self.plan.clock.time(end) > here.t {
                self.follow_episode(here.lane, end);
            }
        }
    }

    /// Enters when an episode, or treatment, will have come to its end, where a path depends on it.
    pub(super) fn follow_episode(&mut self, lane: usize, end: f64) {
        if self.phase.follows_what_passes() {
            let t = self.plan.clock.time(end);
            self.lanes[lane].agenda.add(t, Due::Passes);
        }
    }
}

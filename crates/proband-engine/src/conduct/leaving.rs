//! Stopping treatment, and leaving the trial.

use super::agenda::Due;
use super::chance::share;
use super::host::Conduct;
use super::lane::{Effect, Here};
use super::person::{Discontinued, Ending, Why};
use super::record::Column;
use super::stage::Stage;
use crate::draws::planned_index;
use proband_trial::{DiscontinuationCause, DiscontinuedFrom};

impl Conduct<'_> {
    /// Enters the discontinuations whose rate is the same at all times: the first time at which a constant
    /// rate strikes is an exponential number over it.
    pub(super) fn plan_discontinuations(&mut self, here: &Here<'_>) {
        let (Stage::Treatment(period), Some(arm)) = (self.stage, self.phase.arm) else {
            return;
        };
        let plan = self.plan;
        let draws = self.phase.draws.of(self.people[self.lanes[here.lane].place].twin);
        for (index, of) in plan.trial.discontinuations.iter().enumerate() {
            if let DiscontinuationCause::Hazard(rate) = &of.cause
                && let Some(rate) = rate.expr.constant()
                && of.is_in(arm)
            {
                // Such a wait has no memory, so that each period of a crossover begins another.
                let wait = draws.discontinuation_wait(index, period as u64) / rate;
                let day = plan.periods[period] + wait;
                let agenda = &mut self.lanes[here.lane].agenda;
                agenda.add(plan.clock.time(day), Due::Discontinuation(index));
            }
        }
    }

    /// Somebody stops treatment, or leaves the trial. Who has stopped or ended treatment can only leave.
    pub(super) fn discontinue(&mut self, lane: usize, index: usize, day: f64) -> Effect {
        let of = &self.plan.trial.discontinuations[index];
        let (phase, end) = (self.phase, self.plan.trial.end_of_treatment());
        let person = self.person(lane);
        let leaves = match of.from {
            DiscontinuedFrom::Trial => true,
            DiscontinuedFrom::Treatment if !person.is_on_treatment() || day >= end => {
                return Effect::NONE;
            }
            DiscontinuedFrom::Treatment => {
                let draws = phase.draws.of(person.twin);
                draws.at(draws.discontinuation(index).retained, 0).uniform() >= of.retained
            }
        };
        person.discontinued.push(Discontinued { by: index, day });
        if leaves {
            person.ending = Some(Ending { day, why: Why::Discontinued(index) });
            return Effect::FINISHED;
        }
        Effect::NONE
    }

    /// What is decided after an attended visit: whether an epoch ends, who discontinues by chance, then
    /// what the rules ask for.
    pub(super) fn decide(&mut self, here: &mut Here<'_>, encounter: usize) -> Effect {
        let day = self.person(here.lane).seen.visits.last().map_or(0.0, |visit| visit.day);
        let planned = self.plan.trial.encounters[encounter].planned(day);
        self.end_epoch(here.lane, day);
        let left = self.leave_by_chance(here, day, planned).finished;
        if left || self.leave_when_seen(here.lane, day).finished {
            return Effect::FINISHED;
        }
        self.ask_rules_at_visit(here.lane, day, planned)
    }

    /// Discontinuations that have a chance at a visit, in the order of the file.
    fn leave_by_chance(&mut self, here: &mut Here<'_>, day: f64, planned: f64) -> Effect {
        let phase = self.phase;
        if phase.leaving.iter().all(Option::is_none) {
            return Effect::NONE;
        }
        self.kernels.observe_lane(here);
        let draws = phase.draws.of(self.person(here.lane).twin);
        for (index, row) in phase.leaving.iter().enumerate() {
            let Some(row) = *row else { continue };
            let chance = Column { of: 1, at: 0 }.of(&self.kernels.asked).get(row);
            let Some(chance) = share(chance) else {
                let id = &self.plan.trial.discontinuations[index].id;
                let detail = format!("a chance of {chance} for `{id}`");
                return self.fail_with(here.lane, day, "chance-out-of-domain", detail);
            };
            let occurs = draws
                .at(draws.discontinuation(index).occurrence, planned_index(planned))
                .uniform();
            if occurs < chance && self.discontinue(here.lane, index, day).finished {
                return Effect::FINISHED;
            }
        }
        Effect::NONE
    }

    /// Discontinuations by what the trial saw, in the order of the file.
    fn leave_when_seen(&mut self, lane: usize, day: f64) -> Effect {
        let (plan, arm) = (self.plan, self.phase.arm);
        for (index, when) in plan.whens.iter().enumerate() {
            let Some(when) = when else { continue };
            let of = &plan.trial.discontinuations[index];
            let known = self.person(lane).discontinued.iter().any(|one| one.by == index);
            if known || !arm.is_some_and(|arm| of.is_in(arm)) {
                continue;
            }
            let holds =
                self.holds_after_visit(lane, day, when, |kernels| &mut kernels.whens[index]);
            if holds && self.discontinue(lane, index, day).finished {
                return Effect::FINISHED;
            }
        }
        Effect::NONE
    }
}

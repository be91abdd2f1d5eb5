//! Visits: when they take place, what they record, what has a chance to happen at them.

use super::agenda::Due;
use super::chance::share;
use super::host::Conduct;
use super::lane::{Effect, Here, Planned, Sample, same};
use super::person::{Person, Point, Visit};
use super::record::{Column, Outputs, read};
use super::stage::Stage;
use crate::draws::planned_index;
use crate::plan::{Phase, Plan};
use proband_analysis::Record;
use proband_trial::OutputLevel;

/// When visits take place, and what else is read off.
impl Conduct<'_> {
    /// Where and when the visits of the stage take place, and what else is read off.
    pub(super) fn plan_visits(&mut self, lane: usize, begin: f64) {
        let (plan, stage) = (self.plan, self.stage);
        let draws = self.phase.draws.of(self.people[self.lanes[lane].place].twin);
        let state = &mut self.lanes[lane];
        let mut last = f64::NEG_INFINITY;
        for (index, encounter) in plan.trial.encounters.iter().enumerate() {
            if !stage.holds(plan, encounter) {
                continue;
            }
            let shift = encounter
                .window
                .map_or(0.0, |(low, high)| low + (high - low) * draws.window(encounter.day));
            let day = (encounter.day + shift).max(begin).min(stage.latest(plan));
            last = last.max(day);
            let t = plan.clock.time(day);
            state.samples.push(Planned { t, day, sample: Sample::Encounter(index) });
            if plan.has_occasions {
                state.agenda.add(t, Due::Occasion(index));
            }
        }
        let end = stage.end(plan, last);
        state.end = end;
        state.agenda.add(plan.clock.time(end), Due::End);
        self.plan_points(lane, begin, end);
        self.lanes[lane].samples.sort_by(|a, b| a.t.total_cmp(&b.t));
    }

    /// Points of the latent trajectory, but for those that visits are, and true values that published
    /// figures ask for.
    fn plan_points(&mut self, lane: usize, begin: f64, end: f64) {
        let plan = self.plan;
        let visits = self.lanes[lane].samples.len();
        let every = plan.trial.output.truth_every.filter(|_| keeps_truth(plan));
        for day in every.into_iter().flat_map(|every| grid(every, begin, end)) {
            let t = plan.clock.time(day);
            let is_visit = |planned: &Planned| same(planned.t, t);
            if !self.lanes[lane].samples[..visits].iter().any(is_visit) {
                self.plan_point(lane, begin, day, Sample::Truth);
            }
        }
        let every = self.trace.as_ref().map(|trace| trace.every);
        for day in every.into_iter().flat_map(|every| grid(every, begin, end)) {
            self.plan_point(lane, begin, day, Sample::Trace);
        }
        for (index, &(_, day)) in plan.layout.truths().iter().enumerate() {
            if (begin..=end).contains(&day) {
                self.plan_point(lane, begin, day, Sample::Asked(index));
            }
        }
    }

    /// Plans to read off an instant; one on the border of two stages belongs to the earlier one.
    fn plan_point(&mut self, lane: usize, begin: f64, day: f64, sample: Sample) {
        if day > begin || self.stage == Stage::Screening {
            let t = self.plan.clock.time(day);
            self.lanes[lane].samples.push(Planned { t, day, sample });
        }
    }
}

/// The whole multiples of an interval in a period.
fn grid(every: f64, begin: f64, end: f64) -> impl Iterator<Item = f64> {
    let first = (begin / every).ceil() as i64;
    let days = (first..).map(move |step| step as f64 * every);
    days.skip_while(move |&day| day < begin).take_while(move |&day| day <= end)
}

/// What is read off.
impl Conduct<'_> {
    /// Reads off at a stop.
    pub(super) fn read_here(&mut self, here: &mut Here<'_>, planned: Planned) -> Effect {
        self.kernels.observe_lane(here);
        let lanes = self.lanes.len();
        let states = Outputs { values: here.field.states(), lanes, lane: here.lane };
        self.read_off(here.lane, planned, Column { of: 1, at: 0 }, states)
    }

    /// Takes down what is read off at an instant; what was observed stands in a column of the kernels'
    /// outputs.
    pub(super) fn read_off(
        &mut self,
        lane: usize,
        planned: Planned,
        column: Column,
        states: Outputs<'_>,
    ) -> Effect {
        let place = self.lanes[lane].place;
        let observed = column.of(&self.kernels.observed);
        match planned.sample {
            Sample::Encounter(encounter) => {
                return self.visit(lane, encounter, planned.day, column);
            }
            Sample::Truth => {
                add_point(&mut self.people[place], self.phase, observed, planned.day, None);
            }
            Sample::Asked(index) => {
                let observable = self.plan.layout.truths()[index].0;
                let row = self.phase.system.observables[observable].truth;
                let value = observed.get(row) * self.plan.record_factors[observable];
                self.people[place].truth.asked[index] = value;
            }
            Sample::Trace => {
                if let Some(trace) = &mut self.trace {
                    trace.add(self.phase, planned.day, observed, states);
                }
            }
        }
        Effect::NONE
    }

    /// A visit takes place, or is missed.
    fn visit(&mut self, lane: usize, encounter: usize, day: f64, column: Column) -> Effect {
        let (plan, phase) = (self.plan, self.phase);
        let place = self.lanes[lane].place;
        let observed = column.of(&self.kernels.observed);
        if keeps_truth(plan) {
            add_point(&mut self.people[place], phase, observed, day, Some(encounter));
        }
        self.keeps_to_limits(lane, day, column);
        let attended = match self.attends(lane, encounter, column) {
            Ok(attended) => attended,
            Err(none) => return self.fail_with(lane, day, "chance-out-of-domain", none),
        };
        self.people[place].seen.visits.push(Visit { encounter, day, attended });
        if !attended {
            return Effect::NONE;
        }
        let effect = self.record(lane, encounter, day, column);
        if effect.finished {
            return effect;
        }
        if phase.decides() {
            let now = self.lanes[lane].now;
            self.lanes[lane].agenda.add(now, Due::Decisions(encounter));
        }
        self.chances(lane, encounter, day, column)
    }

    /// Notes the limits of plausibility that somebody has gone beyond, whether the visit is attended or not.
    fn keeps_to_limits(&mut self, lane: usize, day: f64, column: Column) {
        let asked = column.of(&self.kernels.asked);
        let beyond = &mut self.people[self.lanes[lane].place].truth.implausible;
        for (limit, row) in self.phase.limits.iter().enumerate() {
            let holds = row.is_none_or(|row| asked.get(row) != 0.0);
            if !holds && beyond.iter().all(|(known, _)| *known != limit) {
                beyond.push((limit, day));
            }
        }
    }

    /// Whether a visit is attended; otherwise why that cannot be said.
    fn attends(&self, lane: usize, encounter: usize, column: Column) -> Result<bool, String> {
        let Some(row) = self.phase.missing[encounter] else { return Ok(true) };
        let chance = column.of(&self.kernels.asked).get(row);
        let draws = self.phase.draws.of(self.people[self.lanes[lane].place].twin);
        let planned = self.plan.trial.encounters[encounter].day;
        let attends = share(chance).map(|chance| draws.attendance(planned) >= chance);
        attends.ok_or_else(|| format!("a chance of {chance} to miss a visit"))
    }

    /// Records what a visit observes: everything, or nothing where one record cannot be drawn.
    fn record(&mut self, lane: usize, encounter: usize, day: f64, column: Column) -> Effect {
        let (plan, phase) = (self.plan, self.phase);
        let observed = column.of(&self.kernels.observed);
        let Person { twin, seen, .. } = &mut self.people[self.lanes[lane].place];
        let draws = phase.draws.of(*twin);
        let planned = plan.trial.encounters[encounter].planned(day);
        let before = seen.count();
        for &observable in &plan.trial.encounters[encounter].observe {
            let of = &phase.system.observables[observable];
            match read(of, observed, draws.record(observable, planned)) {
                Ok(reading) => {
                    let value = reading.value * plan.record_factors[observable];
                    let record = Record { encounter, observable, day, value, stated: None };
                    seen.record(record, reading.beyond);
                }
                Err(found) => {
                    seen.forget_after(before);
                    let name = &plan.trial.observables[observable].name;
                    let detail = format!("`{name}`: {}", found.0);
                    return self.fail_with(lane, day, "record-out-of-domain", detail);
                }
            }
        }
        Effect::NONE
    }

    /// Adverse events that have a chance at each visit.
    fn chances(&mut self, lane: usize, encounter: usize, day: f64, column: Column) -> Effect {
        let planned = self.plan.trial.encounters[encounter].planned(day);
        let twin = self.people[self.lanes[lane].place].twin;
        let draws = self.phase.draws.of(twin);
        for event in 0..self.phase.chances.len() {
            let Some(row) = self.phase.chances[event] else { continue };
            let chance = column.of(&self.kernels.asked).get(row);
            let Some(chance) = share(chance) else {
                let id = &self.plan.trial.adverse_events[event].id;
                let detail = format!("a chance of {chance} for `{id}`");
                return self.fail_with(lane, day, "chance-out-of-domain", detail);
            };
            let purpose = draws.adverse_event(event).occurrence;
            if draws.at(purpose, planned_index(planned)).uniform() < chance {
                self.occur(lane, event, day);
            }
        }
        Effect::NONE
    }
}

/// Whether latent trajectories are kept.
pub(super) fn keeps_truth(plan: &Plan<'_>) -> bool {
    plan.trial.output.level >= OutputLevel::Truth
}

/// Adds an instant of the latent trajectory.
fn add_point(
    person: &mut Person,
    phase: &Phase,
    observed: Outputs<'_>,
    day: f64,
    encounter: Option<usize>,
) {
    person.truth.points.push(Point { day, encounter });
    let truths = phase.system.observables.iter().map(|plan| observed.get(plan.truth));
    person.truth.values.extend(truths);
}

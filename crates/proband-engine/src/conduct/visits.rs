//! Visits: when they take place, what they record, what has a chance to happen at them.

use super::agenda::Due;
use super::host::Conduct;
use super::lane::{Effect, Here, Planned, Sample};
use super::person::{Person, Point, Visit};
use super::record::{Outputs, read, share};
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
            let day = (encounter.day + shift).max(begin).min(stage.latest());
            last = last.max(day);
            let t = plan.clock.time(day);
            state.samples.push(Planned { t, day, sample: Sample::Encounter(index) });
            if plan.has_occasions {
                state.agenda.add(t, Due::Occasion(index));
            }
        }
        let end = stage.end(plan, last);
        state.agenda.add(plan.clock.time(end), Due::End);
        self.plan_points(lane, begin, end);
        self.lanes[lane].samples.sort_by(|a, b| a.t.total_cmp(&b.t));
    }

    /// Points of the latent trajectory, but for those that visits are, and true values that published
    /// figures ask for. An instant on the border of two stages belongs to the earlier one.
    #[expect(clippy::float_cmp, reason = "the very border of two stages")]
    fn plan_points(&mut self, lane: usize, begin: f64, end: f64) {
        let (plan, stage) = (self.plan, self.stage);
        let within = |day: f64| {
            let after = day > begin || stage == Stage::Screening && day == begin;
            after && day <= end
        };
        let samples = &mut self.lanes[lane].samples;
        let visits = samples.len();
        let mut add = |day, sample| {
            let t = plan.clock.time(day);
            let is_visit = samples[..visits].iter().any(|visit| visit.t == t);
            if sample != Sample::Truth || !is_visit {
                samples.push(Planned { t, day, sample });
            }
        };
        let mut grid = |every: f64, sample| {
            let first = (begin / every).floor() as i64;
            let days = (first..).map(|step| step as f64 * every);
            let days = days.take_while(|&day| day <= end).filter(|&day| within(day));
            days.for_each(|day| add(day, sample));
        };
        if let Some(every) = plan.trial.output.truth_every.filter(|_| keeps_truth(plan)) {
            grid(every, Sample::Truth);
        }
        if let Some(trace) = &self.trace {
            grid(trace.every, Sample::Trace);
        }
        for (index, &(_, day)) in plan.layout.truths().iter().enumerate() {
            if within(day) {
                add(day, Sample::Asked(index));
            }
        }
    }
}

/// What is read off.
impl Conduct<'_> {
    /// Reads off at a stop.
    pub(super) fn read_here(&mut self, here: &Here<'_, '_>, planned: Planned) -> Effect {
        self.kernels.observe_lane(here);
        let lanes = self.lanes.len();
        let states = Outputs { values: here.y.rows(), lanes, lane: here.lane };
        self.read_off(here.lane, planned, (1, 0), states)
    }

    /// Takes down what is read off at an instant; what was observed stands in the kernels' outputs, in
    /// one column (the second number) of rows of so many (the first).
    pub(super) fn read_off(
        &mut self,
        lane: usize,
        planned: Planned,
        (columns, column): (usize, usize),
        states: Outputs<'_>,
    ) -> Effect {
        let place = self.lanes[lane].place;
        let observed = Outputs { values: &self.kernels.observed, lanes: columns, lane: column };
        match planned.sample {
            Sample::Encounter(encounter) => {
                return self.visit(lane, encounter, planned.day, (columns, column));
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
    fn visit(
        &mut self,
        lane: usize,
        encounter: usize,
        day: f64,
        column: (usize, usize),
    ) -> Effect {
        let (plan, phase) = (self.plan, self.phase);
        let place = self.lanes[lane].place;
        let observed =
            Outputs { values: &self.kernels.observed, lanes: column.0, lane: column.1 };
        if keeps_truth(plan) {
            add_point(&mut self.people[place], phase, observed, day, Some(encounter));
        }
        let attended = match self.attends(lane, encounter, column) {
            Ok(attended) => attended,
            Err(chance) => {
                let detail = format!("a chance of {chance} to miss a visit");
                return self.fail_with(lane, day, "chance-out-of-domain", detail);
            }
        };
        self.people[place].seen.visits.push(Visit { encounter, day, attended });
        if !attended {
            return Effect::NONE;
        }
        let recorded = self.record(lane, encounter, day, column);
        if recorded.finished { recorded } else { self.chances(lane, encounter, day, column) }
    }

    /// Whether a visit is attended; otherwise the chance that is none.
    fn attends(
        &self,
        lane: usize,
        encounter: usize,
        (lanes, lane_of): (usize, usize),
    ) -> Result<bool, f64> {
        let Some(row) = self.phase.missing[encounter] else { return Ok(true) };
        let asked = Outputs { values: &self.kernels.asked, lanes, lane: lane_of };
        let chance = asked.get(row);
        let draws = self.phase.draws.of(self.people[self.lanes[lane].place].twin);
        let planned = self.plan.trial.encounters[encounter].day;
        share(chance).map(|chance| draws.attendance(planned) >= chance).ok_or(chance)
    }

    /// Records what a visit observes: everything, or nothing where one record cannot be drawn.
    fn record(
        &mut self,
        lane: usize,
        encounter: usize,
        day: f64,
        (lanes, lane_of): (usize, usize),
    ) -> Effect {
        let (plan, phase) = (self.plan, self.phase);
        let observed = Outputs { values: &self.kernels.observed, lanes, lane: lane_of };
        let Person { twin, seen, .. } = &mut self.people[self.lanes[lane].place];
        let draws = phase.draws.of(*twin);
        let planned = plan.trial.encounters[encounter].day;
        let before = (seen.records.len(), seen.limited.len());
        for &observable in &plan.trial.encounters[encounter].observe {
            let of = &phase.system.observables[observable];
            match read(of, observed, draws.record(observable, planned)) {
                Ok(reading) => {
                    let limit = reading.beyond.map(|beyond| (seen.records.len(), beyond));
                    seen.limited.extend(limit);
                    let value = reading.value * plan.record_factors[observable];
                    seen.records.push(Record { encounter, observable, day, value });
                }
                Err(found) => {
                    seen.records.truncate(before.0);
                    seen.limited.truncate(before.1);
                    let name = &plan.trial.observables[observable].name;
                    let detail = format!("`{name}`: {}", found.0);
                    return self.fail_with(lane, day, "record-out-of-domain", detail);
                }
            }
        }
        Effect::NONE
    }

    /// Adverse events that have a chance at each visit.
    fn chances(
        &mut self,
        lane: usize,
        encounter: usize,
        day: f64,
        (lanes, lane_of): (usize, usize),
    ) -> Effect {
        let planned = self.plan.trial.encounters[encounter].day;
        let twin = self.people[self.lanes[lane].place].twin;
        let draws = self.phase.draws.of(twin);
        for event in 0..self.phase.chances.len() {
            let Some(row) = self.phase.chances[event] else { continue };
            let asked = Outputs { values: &self.kernels.asked, lanes, lane: lane_of };
            let Some(chance) = share(asked.get(row)) else {
                let id = &self.plan.trial.adverse_events[event].id;
                let detail = format!("a chance of {} for `{id}`", asked.get(row));
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

/// Adds an instant of the latent trajectory. A visit at an instant of the grid is one point.
fn add_point(
    person: &mut Person,
    phase: &Phase,
    observed: Outputs<'_>,
    day: f64,
    encounter: Option<usize>,
) {
    let truth = &mut person.truth;
    let here = truth.points.pop_if(|last| last.day.total_cmp(&day).is_eq());
    if here.is_some() {
        truth.values.truncate(truth.values.len() - phase.system.observables.len());
    }
    let encounter = encounter.or(here.and_then(|point| point.encounter));
    truth.points.push(Point { day, encounter });
    let truths = phase.system.observables.iter().map(|plan| observed.get(plan.truth));
    truth.values.extend(truths);
}

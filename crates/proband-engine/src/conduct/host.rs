//! The integrator's other half: takes people into lanes, and tells what happens there in its order.

use super::agenda::{Due, Turn};
use super::bank::TwinBank;
use super::field::SystemField;
use super::kernels::Kernels;
use super::lane::{Effect, Here, Lane};
use super::person::{Ending, Person, Underway, Why};
use super::record::{Column, Outputs};
use super::stage::Stage;
use super::trace::Trace;
use super::visits::keeps_truth;
use crate::knowledge::Knowledge;
use crate::plan::{Phase, Plan};
use proband_kernel::system::ModelId;
use proband_ode::{Crossing, Failure, Host, LaneState, Next, Reason, Samples, Start, lanes_of};

/// The people of one stage in one phase, on their way through the lanes.
pub(crate) struct Conduct<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) phase: &'a Phase,
    pub(super) stage: Stage,
    pub(super) bank: TwinBank,
    pub(super) people: Vec<Person>,
    /// The next person to be loaded.
    next: usize,
    pub(super) lanes: Vec<Lane>,
    pub(super) kernels: Kernels,
    pub(super) knowledge: Knowledge<'a, 'a>,
    /// What is read off of everybody here, if it is.
    pub(super) trace: Option<Trace>,
    /// Rows of all states at samples, where there is a trace.
    traced: Vec<f64>,
}

impl<'a> Conduct<'a> {
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        phase: &'a Phase,
        stage: Stage,
        lanes: usize,
        people: Vec<Person>,
    ) -> Self {
        Self {
            plan,
            phase,
            stage,
            bank: TwinBank::new(plan, phase, &people),
            people,
            next: 0,
            lanes: (0..lanes).map(|_| Lane::new(phase)).collect(),
            kernels: Kernels::new(plan, phase, lanes),
            knowledge: Knowledge::new(plan),
            trace: None,
            traced: Vec::new(),
        }
    }

    /// The people, each at the end of the stage.
    pub(crate) fn into_people(mut self) -> Vec<Person> {
        if self.stage.is_treatment() && keeps_truth(self.plan) {
            self.note_parameters();
        }
        self.people
    }

    /// Individual parameters, model by model.
    fn note_parameters(&mut self) {
        let system = &self.phase.system;
        let models = self.plan.trial.models.iter().enumerate();
        let rows: Vec<usize> = models
            .flat_map(|(model, of)| {
                (0..of.model.parameters.len())
                    .map(move |p| system.individual(ModelId(model), p))
            })
            .collect();
        for (place, person) in self.people.iter_mut().enumerate() {
            person.parameters = rows.iter().map(|&row| self.bank.value(row, place)).collect();
        }
    }

    pub(super) fn person(&mut self, lane: usize) -> &mut Person {
        &mut self.people[self.lanes[lane].place]
    }

    pub(super) fn day(&self, t: f64) -> f64 {
        self.plan.clock.day(t)
    }

    fn has_ended(&self, lane: usize) -> bool {
        self.people[self.lanes[lane].place].ending.is_some()
    }

    /// A lane that has come to an instant.
    fn here<'h>(
        &mut self,
        field: &'h mut SystemField,
        lane: usize,
        t: f64,
        y: LaneState<'h>,
    ) -> Here<'h> {
        field.leave_path(lane, t, &y);
        self.lanes[lane].come_to(t);
        Here { field, lane, t, y }
    }

    /// How a lane goes on.
    fn next(&mut self, here: &mut Here<'_>, effect: Effect) -> Next {
        if effect.finished {
            self.leave(here);
            return Next::Finished;
        }
        if effect.changed {
            self.ask_switches(here);
            here.take_path();
            return Next::Afresh(self.lanes[here.lane].plan());
        }
        here.field.stay_on_path(here.lane);
        Next::Onward(self.lanes[here.lane].plan())
    }

    /// Ends a path that has led nowhere since something changed; whether it has.
    fn end_astray(&mut self, field: &mut SystemField, lane: usize) -> bool {
        let Some((t, row)) = field.astray(lane) else { return false };
        let finite = field.state(row, lane).is_finite();
        let reason = if finite { Reason::RatesNotFinite } else { Reason::StateNotFinite };
        let name = self.kernels.state_name(self.phase, self.plan.trial, row);
        self.fail_with(lane, self.day(t), cause_of(reason), name);
        true
    }

    /// Whether a path has ended, though the integrator does not know of it yet: at a record that could
    /// not be drawn, or where it leads nowhere.
    fn is_over(&mut self, field: &mut SystemField, lane: usize) -> bool {
        self.has_ended(lane) || self.end_astray(field, lane)
    }

    /// Keeps what the next stage goes on from.
    fn leave(&mut self, here: &Here<'_>) {
        let (day, t) = (self.day(here.t), here.t);
        let states = self.phase.system.states.len();
        let person = self.person(here.lane);
        person.states.clear();
        person.states.extend((0..states).map(|state| here.state(state)));
        person.until = day;
        person.course.underway.retain(|underway| match underway {
            Underway::Lagging(at, _) | Underway::Flowing(at, ..) => *at > t,
        });
    }

    /// Ends a path because the model has failed.
    pub(super) fn fail_with(
        &mut self,
        lane: usize,
        day: f64,
        cause: &'static str,
        detail: String,
    ) -> Effect {
        let person = self.person(lane);
        person.until = day;
        person.ending = Some(Ending { day, why: Why::Failed { cause, detail } });
        Effect::FINISHED
    }

    /// Does what comes at an instant, turn by turn, up to where a turn may have made events true:
    /// these come first, and the instant is gone on with afterwards.
    fn go_through(&mut self, here: &mut Here<'_>) -> Effect {
        let mut effect = Effect::NONE;
        let mut present = None;
        while !effect.finished
            && let Some(turn) = self.lanes[here.lane].turn()
        {
            // What is read off and decided reads the path, which begins anew where something changes.
            let reads = matches!(turn, Turn::Visits | Turn::Decisions);
            if effect.changed && (reads || present != Some(turn)) {
                break;
            }
            present = Some(turn);
            effect = effect.and(self.take(here, turn));
            effect = effect.and(self.refresh(here, effect));
        }
        effect
    }

    fn take(&mut self, here: &mut Here<'_>, turn: Turn) -> Effect {
        let lane = &mut self.lanes[here.lane];
        if turn == Turn::Visits {
            let planned = lane.take_sample_here();
            return self.read_here(here, planned);
        }
        match lane.agenda.take(here.t) {
            Some(due) => self.happen(here, due),
            None => Effect::NONE,
        }
    }

    fn happen(&mut self, here: &mut Here<'_>, due: Due) -> Effect {
        match due {
            Due::Settle => self.settle(here),
            Due::Threshold(event) => self.wake(here, event),
            Due::Recurring(event) => self.recur(here, event),
            Due::Grade(event) => self.grade(here, event),
            Due::Switch => Effect::CHANGED,
            Due::Passes => Effect::NONE,
            Due::Discontinuation(index) => self.discontinue(here.lane, index, self.day(here.t)),
            Due::Decisions(encounter) => self.decide(here, encounter),
            Due::Occasion(encounter) => self.begin_occasion(here, encounter),
            Due::DoseFades => Effect::changed(self.sum_daily_doses(here)),
            Due::Series(series) | Due::SeriesEnds(series) => {
                Effect::changed(self.follow_series(here, series))
            }
            Due::Dose(place) => self.dose_is_due(here, place),
            Due::LateDose(dose) => self.give_late(here, dose),
            Due::Arrival(arrival) => self.arrive(here, arrival),
            Due::InfusionEnds { line, rate } => self.end_infusion(here, line, rate),
            Due::Tick(next) => self.tick(here, next),
            Due::Moves => self.make_moves(here),
            Due::End => Effect::FINISHED,
        }
    }
}

impl Host<SystemField> for Conduct<'_> {
    fn load(
        &mut self,
        field: &mut SystemField,
        lane: usize,
        y: LaneState<'_>,
    ) -> Option<Start> {
        let mut here = Here { field, lane, t: f64::NAN, y };
        while self.next < self.people.len() {
            let place = self.next;
            self.next += 1;
            if self.people[place].ending.is_none() && self.enter(&mut here, place) {
                return Some(Start { t: here.t, plan: self.lanes[lane].plan() });
            }
        }
        None
    }

    fn next_sample(&mut self, lane: usize) -> f64 {
        self.lanes[lane].pass_sample();
        self.lanes[lane].plan().sample
    }

    fn samples(&mut self, field: &mut SystemField, samples: &Samples<'_>) {
        self.kernels.observe(field, samples);
        let lanes = self.lanes.len();
        let mut states = std::mem::take(&mut self.traced);
        if self.trace.is_some() {
            states.resize(self.phase.system.states.len() * lanes, 0.0);
            field.all_states(samples, &mut states);
        }
        for lane in lanes_of(samples.lanes) {
            let planned = self.lanes[lane].take_sample();
            if !self.is_over(field, lane) {
                let states = Outputs { values: &states, lanes, lane };
                self.read_off(lane, planned, Column { of: lanes, at: lane }, states);
            }
        }
        self.traced = states;
    }

    fn landed(&mut self, field: &mut SystemField, lanes: u64, t: &[f64], y: &[f64]) {
        field.leave_paths(lanes, t, y);
    }

    fn stop(&mut self, field: &mut SystemField, lane: usize, t: f64, y: LaneState<'_>) -> Next {
        let over = self.is_over(field, lane);
        let mut here = self.here(field, lane, t, y);
        let effect = if over { Effect::FINISHED } else { self.go_through(&mut here) };
        self.next(&mut here, effect)
    }

    fn crossing(
        &mut self,
        field: &mut SystemField,
        lane: usize,
        crossing: Crossing,
        t: f64,
        y: LaneState<'_>,
    ) -> Next {
        let over = self.is_over(field, lane);
        let mut here = self.here(field, lane, t, y);
        let effect = match over {
            true => Effect::FINISHED,
            false => self.guard_changed(&mut here, crossing.guard, crossing.holds),
        };
        let effect = effect.and(self.refresh(&mut here, effect));
        self.next(&mut here, effect)
    }

    fn fail(
        &mut self,
        field: &mut SystemField,
        lane: usize,
        t: f64,
        failure: Failure,
        _: LaneState<'_>,
    ) {
        if !self.is_over(field, lane) {
            let detail = self.kernels.describe(self.phase, self.plan.trial, failure);
            self.fail_with(lane, self.day(t), cause_of(failure.reason), detail);
        }
    }
}

fn cause_of(reason: Reason) -> &'static str {
    match reason {
        Reason::StepTooSmall => "step-too-small",
        Reason::TooManySteps => "too-many-steps",
        Reason::StateNotFinite => "state-not-finite",
        Reason::RatesNotFinite => "rate-not-finite",
        Reason::GuardNotANumber => "condition-not-a-number",
    }
}

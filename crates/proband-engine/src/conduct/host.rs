//! What happens to the people of a stage, lane by lane: the integrator's other half.

use super::agenda::{Agenda, Arrival, Due};
use super::bank::TwinBank;
use super::field::SystemField;
use super::kernels::Kernels;
use super::person::{Ending, GivenDose, ModelEvent, Person, Point, Underway, Visit, Why};
use super::record::{Outputs, read};
use super::stage::Stage;
use super::threshold::Holds;
use super::trace::Trace;
use crate::plan::{
    Amounts, GuardRole, HazardCause, Phase, Plan, SeriesRows, adverse_events_of,
};
use proband_analysis::Record;
use proband_kernel::system::{ModelId, Signal};
use proband_lang::Happening;
use proband_ode::{Crossing, Failure, Host, LaneState, Next, Reason, Samples, Start};
use proband_trial::{Infusion, ModelHappening, OutputLevel};

/// The people of one stage in one phase, on their way through the lanes.
pub(crate) struct Conduct<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) phase: &'a Phase,
    pub(super) stage: Stage,
    bank: TwinBank,
    people: Vec<Person>,
    /// The next person to be loaded.
    next: usize,
    lanes: Vec<Lane>,
    kernels: Kernels,
    /// What is read off of everybody here, if it is.
    pub(super) trace: Option<Trace>,
}

/// What a lane is about.
#[derive(Debug, Default)]
struct Lane {
    /// The place of its person.
    place: usize,
    agenda: Agenda,
    /// Instants that are read off between steps: time, day, what.
    samples: Vec<(f64, f64, Sample)>,
    /// How many of them the integrator has passed, and how many it has handed over.
    passed: usize,
    taken: usize,
    /// The next planned dose.
    dose: usize,
    /// The next value of each series.
    series: Vec<usize>,
    /// The instant for which switches have asked last.
    switch_at: f64,
    /// Truth of each guard.
    guards: Vec<bool>,
    /// Amounts of each regimen's rungs, where covariates alone decide.
    amounts: Vec<Vec<f64>>,
}

/// What is read off at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sample {
    /// A visit.
    Encounter(usize),
    /// A point of the latent trajectory.
    Truth,
    /// A true value that a published figure asks for.
    Asked(usize),
    /// A point of a trace.
    Trace,
}

/// What an occurrence has done to a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effect {
    /// States, twin rows or signals have changed.
    changed: bool,
    /// The path is over.
    finished: bool,
}

impl Effect {
    const NONE: Self = Self { changed: false, finished: false };
    const CHANGED: Self = Self { changed: true, finished: false };

    fn and(self, other: Self) -> Self {
        Self { changed: self.changed | other.changed, finished: self.finished | other.finished }
    }
}

impl<'a> Conduct<'a> {
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        phase: &'a Phase,
        stage: Stage,
        lanes: usize,
        people: Vec<Person>,
    ) -> Self {
        let bank = TwinBank::new(plan, phase, &people);
        let lane = |_| Lane {
            guards: vec![false; phase.guards.len()],
            series: vec![0; phase.series.len()],
            amounts: vec![Vec::new(); phase.amounts.len()],
            ..Lane::default()
        };
        Self {
            plan,
            phase,
            stage,
            bank,
            people,
            next: 0,
            lanes: (0..lanes).map(lane).collect(),
            kernels: Kernels::new(plan.trial, phase, lanes),
            trace: None,
        }
    }

    /// The people, each at the end of the stage.
    pub(crate) fn into_people(mut self) -> Vec<Person> {
        if self.stage == Stage::Treatment && keeps_truth(self.plan) {
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

    fn person(&mut self, lane: usize) -> &mut Person {
        &mut self.people[self.lanes[lane].place]
    }

    fn day(&self, t: f64) -> f64 {
        self.plan.clock.day(t)
    }

    fn plan_of(&self, lane: usize) -> proband_ode::Plan {
        let lane = &self.lanes[lane];
        let sample = lane.samples.get(lane.passed).map_or(f64::INFINITY, |sample| sample.0);
        proband_ode::Plan { stop: lane.agenda.next(), sample }
    }

    fn next_of(&mut self, lane: usize, y: &LaneState<'_>, t: f64, effect: Effect) -> Next {
        if effect.finished {
            self.leave(lane, y, t);
            Next::Finished
        } else if effect.changed {
            Next::Afresh(self.plan_of(lane))
        } else {
            Next::Onward(self.plan_of(lane))
        }
    }

    /// Keeps what the next stage goes on from.
    fn leave(&mut self, lane: usize, y: &LaneState<'_>, t: f64) {
        let day = self.day(t);
        let person = self.person(lane);
        person.states.clear();
        person.states.extend((0..y.len()).map(|state| y.get(state)));
        person.until = day;
        person.course.underway.retain(|underway| match underway {
            Underway::Lagging(at, _) | Underway::Flowing(at, ..) => *at > t,
        });
    }

    fn fail_with(
        &mut self,
        lane: usize,
        day: f64,
        cause: &'static str,
        detail: String,
    ) -> Effect {
        let person = self.person(lane);
        person.until = day;
        person.ending = Some(Ending { day, why: Why::Failed { cause, detail } });
        Effect { changed: false, finished: true }
    }
}

/// Taking a person into a lane.
impl Conduct<'_> {
    fn enter(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        place: usize,
        y: &mut LaneState<'_>,
    ) -> Option<Start> {
        self.lanes[lane].place = place;
        let begin = self.stage.begin(self.plan, &self.people[place]);
        let t = self.plan.clock.time(begin);
        self.plan_visits(lane, begin);
        self.fill_rows(field, lane, t);
        self.kernels.t[lane] = t;
        if !self.set_states(field, lane, y) {
            return None;
        }
        self.plan_dues(field, lane, t, y);
        Some(Start { t, plan: self.plan_of(lane) })
    }

    /// Where and when the visits of the stage take place, and what else is read off.
    fn plan_visits(&mut self, lane: usize, begin: f64) {
        let (plan, stage) = (self.plan, self.stage);
        let draws = self.phase.draws.of(self.people[self.lanes[lane].place].twin);
        let state = &mut self.lanes[lane];
        state.agenda.clear();
        state.samples.clear();
        state.passed = 0;
        state.taken = 0;
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
            state.samples.push((t, day, Sample::Encounter(index)));
            if plan.visits_are_stops {
                state.agenda.add(t, Due::Occasion(index));
            }
        }
        let end = stage.end(plan, last);
        state.agenda.add(plan.clock.time(end), Due::End);
        self.plan_points(lane, begin, end);
        self.lanes[lane].samples.sort_by(|a, b| a.0.total_cmp(&b.0));
        if plan.visits_are_stops {
            self.land_on_samples(lane);
        }
    }

    /// Lands on what would otherwise be read off between steps.
    fn land_on_samples(&mut self, lane: usize) {
        let Lane { agenda, samples, passed, .. } = &mut self.lanes[lane];
        for (index, sample) in samples.iter().enumerate() {
            agenda.add(sample.0, Due::Sample(index));
        }
        *passed = samples.len();
    }

    /// Points of the latent trajectory, and true values that published figures ask for. An instant on
    /// the border of two stages belongs to the earlier one.
    fn plan_points(&mut self, lane: usize, begin: f64, end: f64) {
        let (plan, stage) = (self.plan, self.stage);
        let within = |day: f64| {
            let after = day > begin || stage == Stage::Screening && day == begin;
            after && day <= end
        };
        let samples = &mut self.lanes[lane].samples;
        let mut add = |day, sample| samples.push((plan.clock.time(day), day, sample));
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

    fn fill_rows(&mut self, field: &mut SystemField<'_>, lane: usize, t: f64) {
        let place = self.lanes[lane].place;
        for row in 0..self.phase.system.twin_rows() {
            field.set_twin(row, lane, self.bank.value(row, place));
        }
        let person = &self.people[place];
        for (row, signal) in self.phase.system.signals.iter().enumerate() {
            let value = match *signal {
                Signal::Threshold(hazard) => person.course.due[hazard],
                Signal::Last(model, happening) => {
                    person.course.last[self.kernels.last_of(model.0, happening)]
                }
                _ => 0.0,
            };
            field.set_signal(row, lane, value);
        }
        for underway in &person.course.underway {
            if let Underway::Flowing(_, line, rate) = *underway {
                let row = self.phase.system.doses[line].infusion.expect("it flows already");
                let present = field.signal(row, lane);
                field.set_signal(row, lane, present + rate);
            }
        }
        for series in 0..self.phase.series.len() {
            self.lanes[lane].series[series] = 0;
            self.follow_series(field, lane, series, t);
        }
        self.sum_daily_doses(field, lane, t);
    }

    /// The states of the stage before, or the initial ones. False where there are none: the person
    /// has failed.
    fn set_states(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        y: &mut LaneState<'_>,
    ) -> bool {
        self.switch(field, lane, y);
        let place = self.lanes[lane].place;
        if self.stage != Stage::Screening && !self.people[place].states.is_empty() {
            let states = &self.people[place].states;
            states.iter().enumerate().for_each(|(state, &value)| y.set(state, value));
            return true;
        }
        let Kernels { start, t, .. } = &mut self.kernels;
        match start.lane(&field.rows(t, y.rows()), lane) {
            Ok(states) => {
                states.iter().enumerate().for_each(|(state, &value)| y.set(state, value));
                true
            }
            Err(failure) => {
                let day = self.day(self.kernels.t[lane]);
                self.fail_with(lane, day, "no-start", format!("{failure:?}"));
                false
            }
        }
    }

    fn plan_dues(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        t: f64,
        y: &LaneState<'_>,
    ) {
        self.lanes[lane].guards.fill(false);
        let place = self.lanes[lane].place;
        let state = &mut self.lanes[lane];
        state.agenda.add(t, Due::Settle);
        for (index, threshold) in self.people[place].course.thresholds.iter().enumerate() {
            state.agenda.add(threshold.due(), Due::Threshold(index));
        }
        for underway in &self.people[place].course.underway {
            match *underway {
                Underway::Lagging(at, arrival) => state.agenda.add(at, Due::Arrival(arrival)),
                Underway::Flowing(at, line, rate) => {
                    state.agenda.add(at, Due::InfusionEnds { line, rate });
                }
            }
        }
        state.dose = 0;
        self.plan_next_dose(lane);
        self.plan_fading(lane, t);
        self.plan_recurring(field, lane, t, y);
        self.evaluate_amounts(lane);
        self.lanes[lane].switch_at = f64::NAN;
        self.ask_switches(field, lane, y);
    }

    fn plan_next_dose(&mut self, lane: usize) {
        let state = &mut self.lanes[lane];
        if let Some(dose) = self.phase.doses.get(state.dose) {
            state.agenda.add(self.plan.clock.time(dose.day), Due::Dose(state.dose));
        }
    }

    /// Doses of the stage before that still count as doses of the day.
    fn plan_fading(&mut self, lane: usize, t: f64) {
        if self.phase.daily_doses.is_empty() {
            return;
        }
        let day = self.plan.clock.time(1.0);
        let Lane { agenda, place, .. } = &mut self.lanes[lane];
        for dose in self.people[*place].seen.doses.iter().rev() {
            let fades = self.plan.clock.time(dose.day) + day;
            if fades <= t {
                break;
            }
            agenda.add(fades, Due::DoseFades);
        }
    }

    fn plan_recurring(
        &mut self,
        field: &SystemField<'_>,
        lane: usize,
        t: f64,
        y: &LaneState<'_>,
    ) {
        for event in 0..self.phase.system.events.len() {
            if let Some((period, first)) = self.kernels.recurrence(field, lane, y, event) {
                let steps = ((t - first) / period).ceil().max(0.0);
                let mut next = first + steps * period;
                // What is due on the border of two stages has happened in the earlier one.
                if self.stage != Stage::Screening && next <= t {
                    next = first + (steps + 1.0) * period;
                }
                self.lanes[lane].agenda.add(next, Due::Recurring(event));
            }
        }
    }

    fn evaluate_amounts(&mut self, lane: usize) {
        let Lane { amounts, place, .. } = &mut self.lanes[lane];
        let person = &self.people[*place];
        for (regimen, of) in self.phase.amounts.iter().enumerate() {
            if let (Some(of), Some(kernel)) = (of, &mut self.kernels.amounts[regimen])
                && of.fixed
            {
                Amounts::evaluate(kernel, &person.covariates, &[], 0.0, &mut amounts[regimen]);
            }
        }
    }
}

/// What happens at instants.
impl Conduct<'_> {
    fn happen(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        due: Due,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        match due {
            Due::Settle => self.settle(field, lane, t, y),
            Due::Threshold(event) => self.wake(field, lane, event, t, y),
            Due::Recurring(event) => self.recur(field, lane, event, t, y),
            Due::Switch => Effect::CHANGED,
            Due::Sample(sample) => self.read_at_stop(field, lane, sample, y),
            Due::Occasion(encounter) => self.begin_occasion(field, lane, encounter, y),
            Due::DoseFades => {
                let changed = self.sum_daily_doses(field, lane, t);
                Effect { changed, finished: false }
            }
            Due::Series(series) => {
                let changed = self.follow_series(field, lane, series, t);
                Effect { changed, finished: false }
            }
            Due::Dose(dose) => self.give(field, lane, dose, t, y),
            Due::Arrival(arrival) => self.arrive(field, lane, arrival, t, y),
            Due::InfusionEnds { line, rate } => self.end_infusion(field, lane, line, rate),
            Due::End => Effect { changed: false, finished: true },
        }
    }

    /// Conditions that held at the end of the stage before and do not hold now have turned false.
    fn settle(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let mut effect = Effect::NONE;
        for guard in 0..self.phase.guards.len() {
            if self.lanes[lane].guards[guard] {
                continue;
            }
            match self.phase.guards[guard] {
                GuardRole::Condition(_) | GuardRole::Release(_) | GuardRole::Grade(..) => {
                    effect = effect.and(self.guard_changed(field, lane, guard, false, t, y));
                }
                GuardRole::Hazard(_) | GuardRole::Switch => {}
            }
        }
        effect
    }

    fn guard_changed(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        guard: usize,
        holds: bool,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        self.lanes[lane].guards[guard] = holds;
        match self.phase.guards[guard] {
            GuardRole::Condition(event) => {
                let need = self.kernels.holds(field, lane, y, event);
                let own_release = self.kernels.own_release(event);
                let threshold = &mut self.person(lane).course.thresholds[event];
                let fired = threshold.condition(t, holds, need, own_release);
                self.after_threshold(field, lane, event, fired, need, t, y)
            }
            GuardRole::Release(event) => {
                let need = self.kernels.holds(field, lane, y, event);
                let threshold = &mut self.person(lane).course.thresholds[event];
                let fired = threshold.release(t, holds, need);
                self.after_threshold(field, lane, event, fired, need, t, y)
            }
            GuardRole::Hazard(hazard) if holds => self.strike(field, lane, hazard, t, y),
            GuardRole::Hazard(_) => Effect::NONE,
            GuardRole::Grade(event, _) => {
                self.grade(lane, event, t);
                Effect::NONE
            }
            GuardRole::Switch => Effect::CHANGED,
        }
    }

    fn wake(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        event: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let need = self.kernels.holds(field, lane, y, event);
        let fired = self.person(lane).course.thresholds[event].wake(t);
        self.after_threshold(field, lane, event, fired, need, t, y)
    }

    fn after_threshold(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        event: usize,
        fired: Option<super::threshold::Fired>,
        need: Holds,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let mut effect = Effect::NONE;
        if let Some(fired) = fired {
            let onset = self.day(fired.onset);
            effect = self.event_happens(field, lane, event, onset, t, y);
            let once = self.kernels.events[event].once;
            self.person(lane).course.thresholds[event].fired(t, need, once);
        }
        let due = self.person(lane).course.thresholds[event].due();
        self.lanes[lane].agenda.add(due, Due::Threshold(event));
        effect
    }

    fn recur(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        event: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        if let Some((period, _)) = self.kernels.recurrence(field, lane, y, event) {
            self.lanes[lane].agenda.add(t + period, Due::Recurring(event));
        }
        self.event_happens(field, lane, event, self.day(t), t, y)
    }

    /// An event of a model has happened.
    fn event_happens(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        event: usize,
        onset: f64,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let place = &self.kernels.events[event];
        let (model, at, terminal) = (place.model, place.at, place.terminal);
        let what = ModelHappening::Event(model, at);
        self.note(lane, what, onset, t);
        let changed = self.bring_about(field, lane, model, Happening::Event(at), t, y);
        self.end_if(lane, terminal, what, t).and(changed)
    }

    /// A hazard has struck.
    fn strike(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        hazard: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let again = self.next_threshold(lane, hazard);
        let row = self.phase.system.hazards[hazard].threshold;
        field.set_signal(row, lane, again);
        let day = self.day(t);
        match self.phase.hazards[hazard] {
            HazardCause::AdverseEvent(event) => {
                self.occur(lane, event, day);
                Effect::CHANGED
            }
            HazardCause::Model(model, at) => {
                let what = ModelHappening::Hazard(model, at);
                self.note(lane, what, day, t);
                let changed = self.bring_about(field, lane, model, Happening::Hazard(at), t, y);
                let terminal = self.plan.trial.models[model].model.hazards[at].terminal;
                self.end_if(lane, terminal, what, t).and(changed).and(Effect::CHANGED)
            }
        }
    }

    /// Moves a hazard's threshold on by another exponential draw; it never comes again where the
    /// hazard strikes once.
    fn next_threshold(&mut self, lane: usize, hazard: usize) -> f64 {
        let once = match self.phase.hazards[hazard] {
            HazardCause::Model(model, at) => {
                self.plan.trial.models[model].model.hazards[at].once
            }
            HazardCause::AdverseEvent(event) => !self.plan.trial.adverse_events[event].recurs,
        };
        let cause = self.phase.hazards[hazard];
        let phase = self.phase;
        let person = self.person(lane);
        person.course.occurrences[hazard] += 1;
        let occurrence = person.course.occurrences[hazard];
        let step = if once {
            f64::INFINITY
        } else {
            super::hazard_draw(phase, person.twin, cause, occurrence)
        };
        person.course.due[hazard] += step;
        person.course.due[hazard]
    }

    /// Writes down that something of a model has happened, and what it causes in the trial.
    fn note(&mut self, lane: usize, what: ModelHappening, onset: f64, t: f64) {
        let day = self.day(t);
        let trial = self.plan.trial;
        self.person(lane).truth.events.push(ModelEvent { what, onset, day });
        let arm = self.phase.arm;
        for event in adverse_events_of(trial, what) {
            let arms = &trial.adverse_events[event].arms;
            if arms.is_empty() || arm.is_some_and(|arm| arms.contains(&arm)) {
                self.occur(lane, event, day);
            }
        }
    }

    /// The cause of an adverse event has occurred.
    fn occur(&mut self, lane: usize, event: usize, day: f64) {
        let declared = &self.plan.trial.adverse_events[event];
        let phase = self.phase;
        let person = self.person(lane);
        let draws = phase.draws.of(person.twin);
        if let Some(episode) = person.course.courses[event].occur(declared, event, day, &draws)
        {
            person.truth.episodes.push(episode);
        }
    }

    /// The true grade of an adverse event may have changed.
    fn grade(&mut self, lane: usize, event: usize, t: f64) {
        let holds = |(guard, role): (usize, &GuardRole)| match *role {
            GuardRole::Grade(of, grade) if of == event && self.lanes[lane].guards[guard] => {
                Some(grade)
            }
            _ => None,
        };
        let grade = self.phase.guards.iter().enumerate().filter_map(holds).max().unwrap_or(0);
        let day = self.day(t);
        let person = self.person(lane);
        if let Some(episode) = person.course.graded[event].set(event, day, grade) {
            person.truth.episodes.push(episode);
        }
    }

    /// Remembers when something happened last, and runs what the model does on it.
    fn bring_about(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        model: usize,
        happening: Happening,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let mut effect = Effect::NONE;
        self.kernels.t[lane] = t;
        for update in self.kernels.updates_of(model, happening) {
            self.kernels.run_update(update, field, lane, y);
            effect = Effect::CHANGED;
        }
        let last = self.kernels.last_of(model, happening);
        self.person(lane).course.last[last] = t;
        if let Some(row) = self.kernels.last_row(model, happening) {
            effect.changed |= field.set_signal(row, lane, t);
        }
        effect
    }

    fn end_if(&mut self, lane: usize, terminal: bool, what: ModelHappening, t: f64) -> Effect {
        if !terminal {
            return Effect::NONE;
        }
        let models = &self.plan.trial.models;
        let name = match what {
            ModelHappening::Event(model, at) => &models[model].model.events[at].name,
            ModelHappening::Hazard(model, at) => &models[model].model.hazards[at].name,
        };
        let why = Why::Terminal(name.clone());
        let day = self.day(t);
        self.person(lane).ending = Some(Ending { day, why });
        Effect { changed: false, finished: true }
    }
}

/// Doses and signals.
impl Conduct<'_> {
    fn give(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        index: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        self.lanes[lane].dose += 1;
        self.plan_next_dose(lane);
        let dose = self.phase.doses[index];
        let amount = self.amount(lane, dose.regimen, dose.rung, dose.day);
        if !(amount >= 0.0 && amount.is_finite()) {
            let detail = format!("a dose of {amount} at day {}", dose.day);
            return self.fail_with(lane, dose.day, "dose-out-of-domain", detail);
        }
        let duration = match self.plan.trial.regimens[dose.regimen].infusion {
            None => 0.0,
            Some(Infusion::Over(days)) => days,
            Some(Infusion::Rate(per_day)) => amount / per_day,
        };
        let given = GivenDose {
            regimen: dose.regimen,
            day: dose.day,
            until: dose.day + duration,
            amount,
        };
        self.person(lane).seen.doses.push(given);
        let mut effect =
            Effect { changed: self.sum_daily_doses(field, lane, t), finished: false };
        if !self.phase.daily_doses.is_empty() {
            let fades = self.plan.clock.time(dose.day) + self.plan.clock.time(1.0);
            self.lanes[lane].agenda.add(fades, Due::DoseFades);
        }
        for line in 0..self.kernels.lines[dose.regimen].len() {
            effect = effect.and(self.give_by(field, lane, given, line, t, y));
            if effect.finished {
                break;
            }
        }
        effect
    }

    fn amount(&mut self, lane: usize, regimen: usize, rung: usize, day: f64) -> f64 {
        let amounts =
            self.phase.amounts[regimen].as_ref().expect("the phase gives the regimen");
        let Lane { amounts: rungs, place, .. } = &mut self.lanes[lane];
        let person = &self.people[*place];
        if !amounts.fixed {
            let records: Vec<f64> =
                amounts.records.iter().map(|&of| person.latest(of)).collect();
            let kernel = self.kernels.amounts[regimen].as_mut().expect("made with the phase");
            Amounts::evaluate(kernel, &person.covariates, &records, day, &mut rungs[regimen]);
        }
        rungs[regimen][rung]
    }

    /// Gives a dose by one of the lines of its regimen.
    fn give_by(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        dose: GivenDose,
        line: usize,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        self.kernels.t[lane] = t;
        let (line, factor, first) = self.kernels.lines[dose.regimen][line];
        let given = dose.amount * factor;
        let [lag, fraction, over] = self.kernels.dose(line, field, lane, y);
        let good = lag >= 0.0 && over >= 0.0 && fraction.is_finite();
        if !good || lag.is_infinite() || over.is_infinite() {
            let detail = format!("lag {lag}, fraction {fraction}, duration {over}");
            return self.fail_with(lane, dose.day, "dose-out-of-domain", detail);
        }
        let prescribed = self.plan.clock.time(dose.until - dose.day);
        let over = if self.phase.system.doses[line].has_over { over } else { prescribed };
        let mut effect = Effect::NONE;
        if let Some((model, happening)) = first {
            if let Some(row) = self.kernels.amount_row {
                field.set_signal(row, lane, given);
            }
            effect = self.bring_about(field, lane, model, happening, t, y);
        }
        let arrival = Arrival { line, amount: given * fraction, over };
        if lag > 0.0 {
            self.lanes[lane].agenda.add(t + lag, Due::Arrival(arrival));
            self.person(lane).course.underway.push(Underway::Lagging(t + lag, arrival));
            return effect;
        }
        effect.and(self.arrive(field, lane, arrival, t, y))
    }

    fn arrive(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        arrival: Arrival,
        t: f64,
        y: &mut LaneState<'_>,
    ) -> Effect {
        let dose = &self.phase.system.doses[arrival.line];
        match dose.infusion {
            Some(row) if arrival.over > 0.0 => {
                let rate = arrival.amount / arrival.over;
                let (line, until) = (arrival.line, t + arrival.over);
                let present = field.signal(row, lane);
                field.set_signal(row, lane, present + rate);
                self.lanes[lane].agenda.add(until, Due::InfusionEnds { line, rate });
                self.person(lane).course.underway.push(Underway::Flowing(until, line, rate));
            }
            _ => y.set(dose.target, y.get(dose.target) + arrival.amount),
        }
        Effect::CHANGED
    }

    fn end_infusion(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        line: usize,
        rate: f64,
    ) -> Effect {
        let row = self.phase.system.doses[line].infusion.expect("an infusion has flowed");
        let phase = self.phase;
        let underway = &mut self.person(lane).course.underway;
        let this =
            |u: &Underway| matches!(*u, Underway::Flowing(_, l, r) if l == line && r == rate);
        if let Some(place) = underway.iter().position(this) {
            underway.remove(place);
        }
        // The sum of what still flows, not a difference: after the last infusion it is zero.
        let flows = underway.iter().filter_map(|u| match *u {
            Underway::Flowing(_, other, rate)
                if phase.system.doses[other].infusion == Some(row) =>
            {
                Some(rate)
            }
            _ => None,
        });
        let sum = flows.fold(0.0, |sum, rate| sum + rate);
        field.set_signal(row, lane, sum);
        Effect::CHANGED
    }

    /// Sets the signals of daily doses: the doses taken in the 24 hours up to now, which from now on
    /// include one taken at this very instant. Gives whether one has changed.
    fn sum_daily_doses(&mut self, field: &mut SystemField<'_>, lane: usize, t: f64) -> bool {
        let clock = self.plan.clock;
        let doses = &self.people[self.lanes[lane].place].seen.doses;
        let recent =
            || doses.iter().rev().take_while(|dose| clock.time(dose.day) + clock.time(1.0) > t);
        let mut changed = false;
        for daily in &self.phase.daily_doses {
            let factor = |dose: &GivenDose| {
                daily.regimens.iter().find(|(regimen, _)| *regimen == dose.regimen).map(|r| r.1)
            };
            let taken = recent().filter_map(|dose| Some(factor(dose)? * dose.amount));
            let sum = taken.fold(0.0, |sum, amount| sum + amount);
            changed |= field.set_signal(daily.row, lane, sum);
        }
        changed
    }

    /// Sets a series to what holds at `t`, and asks to be woken at its next value.
    fn follow_series(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        index: usize,
        t: f64,
    ) -> bool {
        let plan = &self.phase.series[index];
        let clock = self.plan.clock;
        let times = &plan.series.days;
        let next = &mut self.lanes[lane].series[index];
        while times.get(*next).is_some_and(|&day| clock.time(day) <= t) {
            *next += 1;
        }
        let next = *next;
        if let Some(&day) = times.get(next) {
            self.lanes[lane].agenda.add(clock.time(day), Due::Series(index));
        }
        let values = &plan.series.values;
        let last = values.len() - 1;
        let before = next.saturating_sub(1);
        match plan.rows {
            SeriesRows::Steps(usize::MAX) => false,
            SeriesRows::Steps(row) => {
                let exact = next > 0 && clock.time(times[before]) == t;
                let ahead = plan.series.between == proband_lang::Between::Next && !exact;
                let value = values[if ahead { next.min(last) } else { before }];
                field.set_signal(row, lane, value)
            }
            SeriesRows::Line { value, slope, since } => {
                let inside = next > 0 && next <= last;
                let rise = if inside {
                    let run = clock.time(times[next]) - clock.time(times[before]);
                    (values[next] - values[before]) / run
                } else {
                    0.0
                };
                let changed = field.set_signal(value, lane, values[before]);
                field.set_signal(slope, lane, rise);
                field.set_signal(since, lane, clock.time(times[before]));
                changed
            }
        }
    }

    fn begin_occasion(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        encounter: usize,
        y: &LaneState<'_>,
    ) -> Effect {
        let place = self.lanes[lane].place;
        self.people[place].course.occasion = Some(encounter);
        let mut changed = false;
        for (row, value) in self.bank.occasion(Some(encounter), place) {
            field.set_twin(row, lane, value);
            changed = true;
        }
        if changed {
            self.kernels.derive(field, lane, y);
        }
        Effect { changed, finished: false }
    }

    /// Sets the signals of switches to what holds now.
    fn switch(&mut self, field: &mut SystemField<'_>, lane: usize, y: &LaneState<'_>) {
        if !self.phase.system.switches.is_empty() {
            self.kernels.switch(&self.phase.system, field, lane, y);
        }
    }

    /// Sets the switches and asks to be woken when the next one changes.
    fn ask_switches(&mut self, field: &mut SystemField<'_>, lane: usize, y: &LaneState<'_>) {
        if self.phase.system.switches.is_empty() {
            return;
        }
        let next = self.kernels.switch(&self.phase.system, field, lane, y);
        let state = &mut self.lanes[lane];
        if next != state.switch_at {
            state.switch_at = next;
            state.agenda.add(next, Due::Switch);
        }
    }
}

/// Visits.
impl Conduct<'_> {
    fn read_at_stop(
        &mut self,
        field: &SystemField<'_>,
        lane: usize,
        sample: usize,
        y: &LaneState<'_>,
    ) -> Effect {
        self.kernels.observe_lane(field, lane, y);
        let (_, day, sample) = self.lanes[lane].samples[sample];
        let states = Outputs { values: y.rows(), lanes: self.lanes.len(), lane };
        self.read_off(lane, day, sample, (1, 0), states);
        Effect { changed: false, finished: self.person(lane).ending.is_some() }
    }

    /// Takes down what is read off at an instant; what was observed stands in the kernels' outputs, in
    /// one `column` of rows of `columns`.
    fn read_off(
        &mut self,
        lane: usize,
        day: f64,
        sample: Sample,
        (columns, column): (usize, usize),
        states: Outputs<'_>,
    ) {
        let place = self.lanes[lane].place;
        let observed = Outputs { values: &self.kernels.observed, lanes: columns, lane: column };
        match sample {
            Sample::Encounter(encounter) => {
                self.visit(lane, encounter, day, columns, column);
            }
            Sample::Truth => {
                add_point(&mut self.people[place], self.phase, observed, day, None);
            }
            Sample::Asked(index) => {
                let observable = self.plan.layout.truths()[index].0;
                let row = self.phase.system.observables[observable].truth;
                let value = observed.get(row) * self.plan.record_factors[observable];
                self.people[place].truth.asked[index] = value;
            }
            Sample::Trace => {
                if let Some(trace) = &mut self.trace {
                    trace.add(self.phase, day, observed, states);
                }
            }
        }
    }

    /// A visit takes place, or is missed; what was observed stands in the kernels' outputs, in
    /// `column` of rows of `columns`. False where the person has failed.
    fn visit(
        &mut self,
        lane: usize,
        encounter: usize,
        day: f64,
        columns: usize,
        column: usize,
    ) -> bool {
        let plan = self.plan;
        let planned = plan.trial.encounters[encounter].day;
        let phase = self.phase;
        let place = self.lanes[lane].place;
        let draws = phase.draws.of(self.people[place].twin);
        let asked = Outputs { values: &self.kernels.asked, lanes: columns, lane: column };
        let attended = match phase.missing[encounter] {
            Some(row) => draws.attendance(planned) >= asked.get(row),
            None => true,
        };
        let observed = Outputs { values: &self.kernels.observed, lanes: columns, lane: column };
        if keeps_truth(plan) {
            add_point(&mut self.people[place], phase, observed, day, Some(encounter));
        }
        self.people[place].seen.visits.push(Visit { encounter, day, attended });
        if !attended {
            return true;
        }
        for &observable in &plan.trial.encounters[encounter].observe {
            let of = &phase.system.observables[observable];
            match read(of, observed, draws.record(observable, planned)) {
                Ok(reading) => {
                    let factor = plan.record_factors[observable];
                    let seen = &mut self.people[place].seen;
                    if let Some(beyond) = reading.beyond {
                        seen.limited.push((seen.records.len(), beyond));
                    }
                    let value = reading.value * factor;
                    seen.records.push(Record { encounter, observable, day, value });
                }
                Err(found) => {
                    let name = &plan.trial.observables[observable].name;
                    let detail = format!("`{name}`: {}", found.0);
                    self.fail_with(lane, day, "record-out-of-domain", detail);
                    return false;
                }
            }
        }
        self.chances(lane, planned, day, columns, column);
        true
    }

    /// Adverse events that have a chance at each visit.
    fn chances(&mut self, lane: usize, planned: f64, day: f64, columns: usize, column: usize) {
        for event in 0..self.phase.chances.len() {
            let Some(row) = self.phase.chances[event] else { continue };
            let asked = Outputs { values: &self.kernels.asked, lanes: columns, lane: column };
            let chance = asked.get(row);
            let twin = self.people[self.lanes[lane].place].twin;
            let draws = self.phase.draws.of(twin);
            let purpose = draws.adverse_event(event).occurrence;
            let index = crate::draws::planned_index(planned);
            if draws.at(purpose, index).uniform() < chance {
                self.occur(lane, event, day);
            }
        }
    }
}

/// Whether latent trajectories are kept.
fn keeps_truth(plan: &Plan<'_>) -> bool {
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

impl Host<SystemField<'_>> for Conduct<'_> {
    fn load(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        mut y: LaneState<'_>,
    ) -> Option<Start> {
        while self.next < self.people.len() {
            let place = self.next;
            self.next += 1;
            if self.people[place].ending.is_some() {
                continue;
            }
            if let Some(start) = self.enter(field, lane, place, &mut y) {
                return Some(start);
            }
        }
        None
    }

    fn next_sample(&mut self, lane: usize) -> f64 {
        self.lanes[lane].passed += 1;
        self.plan_of(lane).sample
    }

    fn samples(&mut self, field: &mut SystemField<'_>, samples: &Samples<'_>) {
        self.kernels.observe(field, samples);
        let columns = self.lanes.len();
        let mut left = samples.lanes;
        while left != 0 {
            let lane = left.trailing_zeros() as usize;
            left &= left - 1;
            let Lane { place, samples: planned, taken, .. } = &mut self.lanes[lane];
            let (place, (_, day, sample)) = (*place, planned[*taken]);
            *taken += 1;
            if self.people[place].ending.is_some() {
                continue;
            }
            let states = Outputs { values: samples.y, lanes: columns, lane };
            self.read_off(lane, day, sample, (columns, lane), states);
        }
    }

    fn stop(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        t: f64,
        mut y: LaneState<'_>,
    ) -> Next {
        self.kernels.t[lane] = t;
        let mut effect = Effect::NONE;
        // A record that could not be drawn has ended the path at a sample before this stop.
        if self.person(lane).ending.is_some() {
            effect.finished = true;
        }
        while !effect.finished
            && let Some(due) = self.lanes[lane].agenda.take(t)
        {
            effect = effect.and(self.happen(field, lane, due, t, &mut y));
        }
        if effect.changed && !effect.finished {
            self.ask_switches(field, lane, &y);
        }
        self.next_of(lane, &y, t, effect)
    }

    fn crossing(
        &mut self,
        field: &mut SystemField<'_>,
        lane: usize,
        crossing: Crossing,
        t: f64,
        mut y: LaneState<'_>,
    ) -> Next {
        self.kernels.t[lane] = t;
        let mut effect =
            self.guard_changed(field, lane, crossing.guard, crossing.holds, t, &mut y);
        effect.finished |= self.person(lane).ending.is_some();
        if effect.changed && !effect.finished {
            self.ask_switches(field, lane, &y);
        }
        self.next_of(lane, &y, t, effect)
    }

    fn fail(
        &mut self,
        _: &mut SystemField<'_>,
        lane: usize,
        t: f64,
        failure: Failure,
        _: LaneState<'_>,
    ) {
        let day = self.day(t);
        if self.person(lane).ending.is_none() {
            let detail = self.kernels.describe(self.phase, self.plan.trial, failure);
            self.fail_with(lane, day, cause_of(failure.reason), detail);
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

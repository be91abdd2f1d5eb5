//! The conduct of a trial for some people: stages, visits, doses, events.

mod adherence;
mod agenda;
mod bank;
mod chance;
mod doses;
mod dosing;
mod entering;
mod epochs;
mod field;
mod happenings;
mod host;
mod instants;
mod kernels;
mod lane;
mod leaving;
mod person;
mod record;
mod recurring;
mod rules;
mod signals;
mod stage;
mod standing;
mod threshold;
mod trace;
mod typical;
mod visits;

pub(crate) use dosing::Dosing;
pub(crate) use person::{
    Beyond, Decision, Ending, GivenDose, ModelEvent, Person, Progress, Seen, Truth, Why,
};
pub(crate) use stage::Stage;
pub(crate) use trace::Trace;

use crate::adverse::{Course, Graded};
use crate::calendar::Arrival;
use crate::plan::{ChosenMethod, HazardCause, Phase, Plan, integration};
use crate::screening::{Candidate, Stretch, draw};
use field::SystemField;
use host::Conduct;
use proband_cohort::{Cohort, Columns, TwinKey};
use proband_math::stream::Seed;
use proband_ode::{Statistics, Workspace, choose, integrate};
use recurring::Recurrence;

/// Twins on which a pilot chooses the method: always the first ones of the first repetition, eligible or not, and no more than
/// the trial has.
const PILOTS: u64 = 16;

/// Twins as drawn, before anything has happened to them.
pub(crate) fn people(
    plan: &Plan<'_>,
    columns: &Columns,
    arrivals: &[Arrival],
    twins: impl Iterator<Item = (usize, TwinKey)>,
) -> Vec<Person> {
    twins
        .map(|(place, twin)| {
            let covariates = columns.covariates().iter().map(|column| column[place]).collect();
            newcomer(plan, twin, arrivals[place], covariates)
        })
        .collect()
}

fn newcomer(plan: &Plan<'_>, twin: TwinKey, arrival: Arrival, covariates: Vec<f64>) -> Person {
    let phase = &plan.before;
    let start = plan.clock.time(plan.start);
    let due = phase.hazards.iter().map(|&cause| hazard_draw(phase, twin, cause, 0)).collect();
    Person {
        twin,
        arrival,
        rung: None,
        covariates,
        parameters: Vec::new(),
        states: Vec::new(),
        until: plan.start,
        seen: Seen::default(),
        truth: Truth { asked: vec![f64::NAN; plan.layout.truths().len()], ..Truth::default() },
        course: Progress {
            thresholds: vec![threshold::Threshold::ARMED; phase.system.events.len()],
            due,
            recurring: vec![Recurrence::after(start.next_down()); phase.system.events.len()],
            ticks: vec![Recurrence::after(start); phase.system.nexts.len()],
            occurrences: vec![0; phase.hazards.len()],
            last: vec![f64::NEG_INFINITY; kernels::all_happenings(plan.trial).count()],
            courses: vec![Course::NONE; plan.trial.adverse_events.len()],
            graded: vec![Graded::NONE; plan.trial.adverse_events.len()],
            underway: Vec::new(),
            dosing: phase.dosing(plan.trial),
            acted: Vec::new(),
            arm: None,
            epochs_over: 0,
            sooner: 0.0,
            occasion: None,
        },
        discontinued: Vec::new(),
        stopped: None,
        treated_until: None,
        ending: None,
    }
}

/// The exponential number by which the cumulative hazard has to rise for an occurrence.
fn hazard_draw(phase: &Phase, twin: TwinKey, cause: HazardCause, occurrence: u64) -> f64 {
    let draws = phase.draws.of(twin);
    match cause {
        HazardCause::Model(model, at) => draws.hazard(model, at, occurrence),
        HazardCause::Jump(model, at) => draws.jump(model, at, occurrence),
        HazardCause::AdverseEvent(event) => {
            draws.at(draws.adverse_event(event).occurrence, occurrence).exponential()
        }
        HazardCause::Discontinuation(index) => draws.discontinuation_wait(index, 0),
    }
}

/// Takes people through a stage.
pub(crate) fn advance(
    plan: &Plan<'_>,
    arm: Option<usize>,
    stage: Stage,
    people: Vec<Person>,
) -> (Vec<Person>, Statistics) {
    if people.is_empty() {
        return (people, Statistics::default());
    }
    let phase = plan.phase(arm);
    let settings = integration(plan, phase);
    let mut field = SystemField::new(phase, settings.lanes, plan.backend());
    let mut conduct = Conduct::new(plan, phase, stage, settings.lanes, people);
    let statistics = integrate(&mut field, &mut conduct, &settings, &mut Workspace::new());
    (conduct.into_people(), statistics)
}

/// Takes one twin through every stage of a path, and reads off its true values.
pub(crate) fn follow(
    plan: &Plan<'_>,
    path: usize,
    candidate: Candidate,
    trace: Trace,
) -> (Person, Trace) {
    let Person { twin, arrival, covariates, .. } = candidate.person;
    let mut person = newcomer(plan, twin, arrival, covariates);
    let mut trace = Some(trace);
    let before = [(None, Stage::Screening), (None, Stage::RunIn)];
    let arms = plan.paths[path].iter().enumerate();
    let treatment = arms.map(|(period, &arm)| (Some(arm), Stage::Treatment(period)));
    for (arm, stage) in before.into_iter().chain(treatment) {
        let phase = plan.phase(arm);
        let settings = integration(plan, phase);
        let mut field = SystemField::new(phase, settings.lanes, plan.backend());
        let mut conduct = Conduct::new(plan, phase, stage, settings.lanes, vec![person]);
        conduct.trace = trace;
        integrate(&mut field, &mut conduct, &settings, &mut Workspace::new());
        trace = conduct.trace.take();
        person = conduct.into_people().pop().expect("one went in");
    }
    (person, trace.expect("it went along"))
}

/// Lets a few twins choose the method of a phase.
pub(crate) fn pilot(plan: &Plan<'_>, arm: Option<usize>) -> ChosenMethod {
    let phase = plan.phase(arm);
    let stage = if arm.is_some() { Stage::Treatment(0) } else { Stage::RunIn };
    let cohort = Cohort::new(&plan.trial.population, Seed(plan.trial.simulation.seed), 0);
    let mut columns = Columns::new();
    // A population that cannot be drawn is reported where people are enrolled.
    let pilots = PILOTS.min(plan.trial.design.participants);
    let drawn = draw(&cohort, 0..pilots, &mut columns);
    let arrivals = plan.arrivals.of(&Stretch { replicate: 0, twins: 0..pilots, after: 0.0 });
    let twins = if drawn.is_ok() { columns.twins().min(arrivals.len()) } else { 0 };
    let settings = integration(plan, phase);
    let mut field = SystemField::new(phase, settings.lanes, plan.backend());
    let pilots = || {
        let twins = (0..twins).map(|place| (place, TwinKey::first(place as u64)));
        Conduct::new(
            plan,
            phase,
            stage,
            settings.lanes,
            people(plan, &columns, &arrivals, twins),
        )
    };
    let choice = choose(&mut field, pilots, &settings, &mut Workspace::new());
    ChosenMethod { method: Some(choice.method), by_pilot: true, ..phase.method }
}

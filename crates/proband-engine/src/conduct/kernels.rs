//! The programs of a phase, made ready for its lanes, and where things are in its system.

use super::field::SystemField;
use super::lane::Here;
use super::record::Outputs;
use super::threshold::Holds;
use crate::plan::{HazardCause, Phase, Plan};
use crate::seen::SeenKernel;
use proband_kernel::system::{EventTrigger, ModelId, Signal, StateRow};
use proband_kernel::{Kernel, Program, System};
use proband_lang::{Happening, SymbolKind};
use proband_ode::{Failure, Samples};
use proband_trial::Trial;

/// Kernels, and rooms for what they write.
pub(super) struct Kernels {
    pub(super) start: proband_kernel::system::InitialStatesKernel,
    /// What the observe program has written last.
    pub(super) observed: Vec<f64>,
    /// What the program of visits has written last.
    pub(super) asked: Vec<f64>,
    /// By regimen.
    pub(super) amounts: Vec<Option<SeenKernel>>,
    /// By rule of the phase.
    pub(super) rules: Vec<SeenKernel>,
    /// By regimen of the phase: the condition at which it ends, if it ends by one.
    pub(super) ends: Vec<Option<SeenKernel>>,
    /// By epoch: the same.
    pub(super) untils: Vec<Option<SeenKernel>>,
    /// By discontinuation: the condition at which it comes about.
    pub(super) whens: Vec<Option<SeenKernel>>,
    /// By event of the system.
    pub(super) events: Vec<EventPlace>,
    /// By hazard of the system: the row of the state that jumps, where it is a jump's.
    pub(super) jumping: Vec<usize>,
    /// By regimen: the lines that it feeds.
    pub(super) lines: Vec<Vec<Line>>,
    /// The signal that holds the amount of the dose that is being given.
    pub(super) amount_row: Option<usize>,
    observe: Kernel,
    visit: Option<Kernel>,
    baselines: Option<Kernel>,
    taking: Option<Kernel>,
    prelude: Kernel,
    switches: Kernel,
    event_programs: Vec<Kernel>,
    doses: Vec<Kernel>,
    nexts: Vec<Kernel>,
    updates: Vec<(usize, Happening, Vec<usize>, Kernel)>,
    /// What `since` may ask for, in the order of `Progress::last`, with the signal that holds it.
    last: Vec<(usize, Happening, Option<usize>)>,
    given: usize,
    written: Vec<f64>,
}

/// Where an event is.
pub(super) struct EventPlace {
    pub(super) model: usize,
    pub(super) at: usize,
    pub(super) once: bool,
    pub(super) terminal: bool,
    pub(super) recurring: bool,
    /// Whether it is re-armed by a condition of its own.
    pub(super) own_release: bool,
}

/// A dose line that a regimen feeds.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// Its position among all lines of the system.
    pub(super) line: usize,
    /// From the regimen's unit to the line's.
    pub(super) factor: f64,
    /// What the giving of the dose is, at the first line of a model.
    pub(super) first: Option<(usize, Happening)>,
}

impl Kernels {
    pub(super) fn new(plan: &Plan<'_>, phase: &Phase, lanes: usize) -> Self {
        let (trial, system) = (plan.trial, &phase.system);
        let kernel = |program: &Program| program.kernel_on(lanes, plan.backend());
        // What is only ever asked for one lane needs no machine code.
        let single = |program: &Program| program.kernel(1);
        let updates = system.updates.iter().map(|update| {
            let ModelId(model) = update.model;
            (model, update.at, update.targets.clone(), single(&update.program))
        });
        let updates: Vec<_> = updates.collect();
        let widest = updates.iter().map(|update| update.2.len()).max().unwrap_or(0);
        let ticking = system.nexts.iter().map(|next| next.program.outputs()).max();
        let rooms =
            [widest, ticking.unwrap_or(0), 3, 2 * system.switches.len(), system.derived];
        Self {
            start: system.start.kernel(),
            observed: vec![0.0; system.observe.outputs() * lanes],
            asked: vec![0.0; phase.encounter_program().map_or(0, Program::outputs) * lanes],
            amounts: phase.amounts.iter().map(|of| Some(of.as_ref()?.kernel())).collect(),
            rules: phase.rules.iter().map(|rule| rule.seen.kernel()).collect(),
            ends: phase.given.iter().map(|of| Some(of.until.as_ref()?.kernel())).collect(),
            untils: plan.untils.iter().map(|of| Some(of.as_ref()?.kernel())).collect(),
            whens: plan.whens.iter().map(|of| Some(of.as_ref()?.kernel())).collect(),
            events: events(trial, system),
            jumping: phase.hazards.iter().map(|&cause| jumping(trial, system, cause)).collect(),
            lines: lines(trial, system),
            amount_row: system.signal(Signal::Amount),
            observe: kernel(&system.observe),
            visit: phase.encounter_program().map(kernel),
            baselines: phase.baseline_program().map(single),
            taking: phase.taking_program().map(single),
            prelude: single(&system.prelude),
            switches: single(&system.switch_program),
            event_programs: system
                .events
                .iter()
                .map(|e| single(program_of(&e.trigger)))
                .collect(),
            doses: system.doses.iter().map(|dose| single(&dose.program)).collect(),
            nexts: system.nexts.iter().map(|next| single(&next.program)).collect(),
            updates,
            last: happenings(trial, system),
            given: system.twin.len(),
            written: vec![0.0; rooms.into_iter().max().unwrap_or(0)],
        }
    }

    /// Observes every lane at samples.
    pub(super) fn observe(&mut self, field: &mut SystemField, samples: &Samples<'_>) {
        let rows = field.on_path(samples.t, samples.y);
        self.observe.run(&rows, &mut self.observed);
        if let Some(visit) = &mut self.visit {
            visit.run(&rows, &mut self.asked);
        }
    }

    /// Observes one lane, whose outputs then stand in one column.
    pub(super) fn observe_lane(&mut self, here: &mut Here<'_>) {
        let rows = here.field.on_path_here(here.y.rows());
        self.observe.run_lane(&rows, here.lane, &mut self.observed);
        if let Some(visit) = &mut self.visit {
            visit.run_lane(&rows, here.lane, &mut self.asked);
        }
    }

    /// The true values of one lane that count as baselines, if any are asked for.
    pub(super) fn baselines(&mut self, here: &mut Here<'_>) -> Option<Vec<f64>> {
        let kernel = self.baselines.as_mut()?;
        let mut values = vec![0.0; kernel.outputs()];
        kernel.run_lane(&here.field.on_path_here(here.y.rows()), here.lane, &mut values);
        Some(values)
    }

    /// The usual chance to take a dose, if doses are missed.
    pub(super) fn chance_to_take(&mut self, here: &Here<'_>) -> f64 {
        let Some(taking) = &mut self.taking else { return 1.0 };
        let rows = here.field.at_instant();
        taking.run_lane(&rows, here.lane, &mut self.written);
        self.written[0]
    }

    /// Derives the twin's rows afresh from those that were filled.
    pub(super) fn derive(&mut self, here: &mut Here<'_>) {
        let rows = here.field.at_instant();
        self.prelude.run_lane(&rows, here.lane, &mut self.written);
        for derived in 0..self.prelude.outputs() {
            here.field.set_twin(self.given + derived, here.lane, self.written[derived]);
        }
    }

    /// Sets the switches' signals; gives the next instant at which one changes.
    pub(super) fn switch(&mut self, system: &System, here: &mut Here<'_>) -> f64 {
        let rows = here.field.at_instant();
        self.switches.run_lane(&rows, here.lane, &mut self.written);
        let mut next = f64::INFINITY;
        for (index, switch) in system.switches.iter().enumerate() {
            if let Some(row) = switch.signal {
                here.field.set_signal(row, here.lane, self.written[2 * index]);
            }
            next = next.min(self.written[2 * index + 1]);
        }
        next
    }

    /// How long an event's condition must hold, and its release.
    pub(super) fn holds(&mut self, here: &Here<'_>, event: usize) -> Holds {
        let [condition, release] = self.times_of(here, event);
        Holds { condition, release }
    }

    /// Interval and first time of an event that recurs by the clock.
    pub(super) fn recurrence(&mut self, here: &Here<'_>, event: usize) -> (f64, f64) {
        self.times_of(here, event).into()
    }

    fn times_of(&mut self, here: &Here<'_>, event: usize) -> [f64; 2] {
        let rows = here.field.at_instant();
        self.event_programs[event].run_lane(&rows, here.lane, &mut self.written);
        [self.written[0], self.written[1]]
    }

    /// What the program of a difference equation writes.
    pub(super) fn next(&mut self, here: &Here<'_>, next: usize) -> Outputs<'_> {
        let rows = here.field.at_instant();
        self.nexts[next].run_lane(&rows, here.lane, &mut self.written);
        Outputs { values: &self.written, lanes: 1, lane: 0 }
    }

    /// The interval of a difference equation.
    pub(super) fn interval(&mut self, here: &Here<'_>, next: usize) -> f64 {
        self.next(here, next).get(0)
    }

    /// Lag, fraction and duration of a dose line.
    pub(super) fn dose(&mut self, line: usize, here: &Here<'_>) -> [f64; 3] {
        let rows = here.field.at_instant();
        self.doses[line].run_lane(&rows, here.lane, &mut self.written);
        [self.written[0], self.written[1], self.written[2]]
    }

    /// How many updates there are.
    pub(super) fn updates(&self) -> usize {
        self.updates.len()
    }

    /// Whether an update is one that something brings about.
    pub(super) fn is_update_of(
        &self,
        update: usize,
        model: usize,
        happening: Happening,
    ) -> bool {
        let (of, by, ..) = self.updates[update];
        (of, by) == (model, happening)
    }

    /// Runs an update: right sides see the states before it.
    pub(super) fn run_update(&mut self, update: usize, here: &mut Here<'_>) {
        let (_, _, targets, kernel) = &mut self.updates[update];
        let rows = here.field.at_instant();
        kernel.run_lane(&rows, here.lane, &mut self.written);
        for (&target, &value) in targets.iter().zip(&self.written) {
            here.field.set_state(target, here.lane, value);
        }
    }

    /// The place of a happening in `Progress::last`.
    pub(super) fn last_of(&self, model: usize, happening: Happening) -> usize {
        let this =
            |last: &(usize, Happening, Option<usize>)| (last.0, last.1) == (model, happening);
        self.last.iter().position(this).expect("every happening has a place")
    }

    /// The signal that says when something happened last.
    pub(super) fn last_row(&self, model: usize, happening: Happening) -> Option<usize> {
        self.last[self.last_of(model, happening)].2
    }

    /// What is known of a failure.
    pub(super) fn describe(&self, phase: &Phase, trial: &Trial, failure: Failure) -> String {
        let name = |place: usize| self.state_name(phase, trial, phase.system.integrated[place]);
        failure.state.map_or_else(String::new, name)
    }

    /// What a row of states is called.
    pub(super) fn state_name(&self, phase: &Phase, trial: &Trial, row: usize) -> String {
        match phase.system.states[row] {
            StateRow::Model(ModelId(model), at) => {
                let model = &trial.models[model].model;
                format!("state `{}`", model.symbols[model.states[at].symbol.index()].name)
            }
            StateRow::CumulativeHazard(hazard) => {
                format!("hazard `{}`", hazard_name(trial, phase.hazards[hazard]))
            }
        }
    }
}

/// What a hazard is called.
pub(super) fn hazard_name(trial: &Trial, cause: HazardCause) -> String {
    match cause {
        HazardCause::AdverseEvent(event) => trial.adverse_events[event].id.clone(),
        HazardCause::Discontinuation(index) => trial.discontinuations[index].id.clone(),
        HazardCause::Model(model, at) => trial.models[model].model.hazards[at].name.clone(),
        HazardCause::Jump(model, at) => trial.models[model].model.jump_name(at),
    }
}

/// The row of the state that a hazard makes jump; none is at the greatest number.
fn jumping(trial: &Trial, system: &System, cause: HazardCause) -> usize {
    let HazardCause::Jump(model, at) = cause else { return usize::MAX };
    let of = &trial.models[model].model;
    let SymbolKind::State(state) = of.symbols[of.jumps[at].state.index()].kind else {
        unreachable!("a checked model names a state here")
    };
    system.state(ModelId(model), state).expect("a state of the model")
}

fn program_of(trigger: &EventTrigger) -> &Program {
    match trigger {
        EventTrigger::When { holds, .. } => holds,
        EventTrigger::Every { times } => times,
    }
}

fn events(trial: &Trial, system: &System) -> Vec<EventPlace> {
    let place = |plan: &proband_kernel::system::EventPlan| {
        let ModelId(model) = plan.model;
        let event = &trial.models[model].model.events[plan.event];
        EventPlace {
            model,
            at: plan.event,
            once: event.once,
            terminal: event.terminal,
            recurring: matches!(plan.trigger, EventTrigger::Every { .. }),
            own_release: matches!(plan.trigger, EventTrigger::When { until: Some(_), .. }),
        }
    };
    system.events.iter().map(place).collect()
}

/// The dose lines that each regimen feeds. A dose by several lines of one model is one dose: what
/// it brings about comes with the first of them.
fn lines(trial: &Trial, system: &System) -> Vec<Vec<Line>> {
    let of_regimen = |regimen: &proband_trial::Regimen| {
        let mut lines = Vec::new();
        for &(model, at) in &regimen.lines {
            let of = |dose: &proband_kernel::system::DosePlan| {
                dose.model == ModelId(model) && dose.line == at
            };
            let line = system.doses.iter().position(of).expect("dose lines are in the system");
            let unit = &trial.models[model].model.doses[at].unit;
            let factor = regimen.unit.factor_to(unit).unwrap_or(f64::NAN);
            let least =
                regimen.lines.iter().filter(|(of, _)| *of == model).map(|(_, at)| *at).min();
            let first = (least == Some(at)).then_some((model, Happening::Dose(at)));
            lines.push(Line { line, factor, first });
        }
        lines
    };
    trial.regimens.iter().map(of_regimen).collect()
}

/// Everything whose last time a model may ask for.
fn happenings(trial: &Trial, system: &System) -> Vec<(usize, Happening, Option<usize>)> {
    all_happenings(trial)
        .map(|(model, what)| (model, what, system.signal(Signal::Last(ModelId(model), what))))
        .collect()
}

/// Events, hazards and dose lines, model by model.
pub(super) fn all_happenings(trial: &Trial) -> impl Iterator<Item = (usize, Happening)> {
    trial.models.iter().enumerate().flat_map(|(index, model)| {
        let model = &model.model;
        let events = (0..model.events.len()).map(Happening::Event);
        let hazards = (0..model.hazards.len()).map(Happening::Hazard);
        let doses = (0..model.doses.len()).map(Happening::Dose);
        events.chain(hazards).chain(doses).map(move |what| (index, what))
    })
}

//! How a phase is integrated: tolerances, lanes, and the method that a pilot chooses.

use super::{Phase, Plan};
use crate::conduct::pilot;
use proband_kernel::{Backend, System};
use proband_ode::{Method, Settings, WholeStep};
use proband_trial::Trial;

/// Steps that a twin may take before it is given up.
const MOST_STEPS: u64 = 5_000_000;

/// The method of a phase, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenMethod {
    /// By which states are integrated; nothing where all are exact.
    pub method: Option<Method>,
    /// How many states are exact.
    pub exact: usize,
    /// Whether a pilot chose the method; otherwise the trial file, or there was no choice.
    pub by_pilot: bool,
}

impl ChosenMethod {
    /// What the trial file says; until the pilot has chosen, the explicit method.
    pub(crate) fn first(trial: &Trial, system: &System) -> Self {
        let method = match trial.simulation.method {
            _ if system.propagated => Method::Exact,
            Some(proband_trial::Method::Rodas5p) => Method::Rodas5P,
            Some(proband_trial::Method::Tsit5 | proband_trial::Method::Exact) | None => {
                Method::Tsit5
            }
        };
        let integrated = system.integrated.len();
        Self {
            method: (integrated > 0).then_some(method),
            exact: system.states.len() - integrated,
            by_pilot: false,
        }
    }
}

/// How the work is cut, where it is not as the trial's size says: for measurements, and for tests that
/// nothing of it reaches a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Twins side by side in one integration, from 1 to 64.
    pub lanes: Option<usize>,
    /// Participants of a shard.
    pub shard: Option<u64>,
    /// Repetitions of a shard, of a trial that is repeated.
    pub repetitions: Option<u32>,
    /// What runs programs; the fastest that can be used, if nothing is said.
    pub backend: Option<Backend>,
}

/// The settings of a phase.
pub(crate) fn integration(plan: &Plan<'_>, phase: &Phase) -> Settings {
    let trial = plan.trial;
    let states = phase.system.integrated.len();
    Settings {
        // Without states to step every method is the same.
        method: phase.method.method.unwrap_or(Method::Tsit5),
        relative: trial.simulation.tolerance,
        absolute: vec![trial.simulation.atol; states],
        longest_step: f64::INFINITY,
        most_steps: MOST_STEPS,
        lanes: plan.cut.lanes.unwrap_or_else(|| lanes(states)).clamp(1, 64),
    }
}

/// Lanes that keep the work of a step in the first cache; results do not depend on it.
fn lanes(states: usize) -> usize {
    match states {
        0..=20 => 32,
        21..=40 => 16,
        _ => 8,
    }
}

/// Lets a pilot choose the method of every phase in which the trial file leaves it open: on fixed
/// twins, by work counted, so that the choice depends on the phase alone.
pub(crate) fn choose_methods(plan: &mut Plan<'_>) {
    if plan.trial.simulation.method.is_some() {
        return;
    }
    let open = |phase: &Phase| !matches!(phase.method.method, None | Some(Method::Exact));
    if plan.start < 0.0 && open(&plan.before) {
        plan.before.method = pilot(plan, None);
    }
    for arm in 0..plan.arms.len() {
        if open(&plan.arms[arm]) {
            plan.arms[arm].method = pilot(plan, Some(arm));
        }
    }
}

/// Makes one program of a step of every phase, by the method that was chosen.
pub(crate) fn make_steps(plan: &mut Plan<'_>) {
    plan.before.step = step(plan, &plan.before);
    for arm in 0..plan.arms.len() {
        plan.arms[arm].step = step(plan, &plan.arms[arm]);
    }
}

fn step(plan: &Plan<'_>, phase: &Phase) -> Option<WholeStep> {
    // The interpreter is sooner done with stages.
    let machine_code = plan.backend() != Backend::Interpreter;
    machine_code.then(|| WholeStep::of(&phase.system, &integration(plan, phase))).flatten()
}

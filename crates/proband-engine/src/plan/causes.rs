//! What the hazards and guards of a system mean in the trial.

use proband_kernel::System;
use proband_kernel::system::{GuardSource, HazardSource, ModelId};
use proband_trial::{AdverseEvent, Cause, ModelHappening, Trial};

/// Whose rate a hazard of the system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HazardCause {
    /// A model's: model, position.
    Model(usize, usize),
    /// That of a model's jump: model, position.
    Jump(usize, usize),
    /// An adverse event's.
    AdverseEvent(usize),
    /// A discontinuation's.
    Discontinuation(usize),
}

/// What a guard of the system watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuardRole {
    /// The condition of an event, by position in the system's events.
    Condition(usize),
    /// What re-arms an event.
    Release(usize),
    /// A hazard, by position in the system's hazards.
    Hazard(usize),
    /// Whether the rate of a hazard is negative, which no rate may be.
    Negative(usize),
    /// A grade of an adverse event, by true values: adverse event, grade.
    Grade(usize, u8),
    /// A condition on time alone.
    Switch,
}

/// `of_trial` are those that the trial adds, in the order in which it does.
pub(super) fn hazard_causes(system: &System, of_trial: &[HazardCause]) -> Vec<HazardCause> {
    let cause = |source| match source {
        HazardSource::Model(ModelId(model), at) => HazardCause::Model(model, at),
        HazardSource::Jump(ModelId(model), at) => HazardCause::Jump(model, at),
        HazardSource::Trial(id) => of_trial[id.0],
    };
    system.hazards.iter().map(|hazard| cause(hazard.source)).collect()
}

pub(super) fn guard_roles(system: &System, grades: &[(usize, u8)]) -> Vec<GuardRole> {
    let event = |model, at| {
        let found =
            system.events.iter().position(|plan| plan.model == model && plan.event == at);
        found.expect("a guard's event is in the system")
    };
    let role = |source: &GuardSource| match *source {
        GuardSource::Event(model, at) => GuardRole::Condition(event(model, at)),
        GuardSource::Until(model, at) => GuardRole::Release(event(model, at)),
        GuardSource::Hazard(at) => GuardRole::Hazard(at),
        GuardSource::NegativeRate(at) => GuardRole::Negative(at),
        GuardSource::Trial(id) => GuardRole::Grade(grades[id.0].0, grades[id.0].1),
        GuardSource::Switch(_) => GuardRole::Switch,
    };
    system.guards.iter().map(role).collect()
}

/// The adverse events that an event or hazard of a model brings about.
pub(crate) fn adverse_events_of(
    trial: &Trial,
    happening: ModelHappening,
) -> impl Iterator<Item = usize> {
    let caused = move |event: &AdverseEvent| matches!(event.cause, Cause::ModelEvent(cause) if cause == happening);
    trial
        .adverse_events
        .iter()
        .enumerate()
        .filter(move |(_, e)| caused(e))
        .map(|(index, _)| index)
}

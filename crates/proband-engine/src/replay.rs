//! One participant simulated again, to the same bits as in the run, and watched more closely.

use crate::conduct::{Beyond, Ending, Person, Trace, Why, follow};
use crate::emit::{kind_of, name_of, unit_text};
use crate::outcome::{Outcome, Outcomes};
use crate::plan::Plan;
use crate::screening::{Refusal, Stretch, run_in, screen};
use proband_cohort::{DrawError, TwinKey};
use proband_kernel::system::{ModelId, StateRow};
use proband_trial::{Happening, Trial};
use thiserror::Error;

/// One twin in one arm, from the start of the simulated time to the end of follow-up. Times are days
/// since the start of day 1.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The instants of the columns: whole multiples of the interval that was asked for. An instant
    /// at which something happens is seen before it: a dose at that time is not in it yet.
    pub days: Vec<f64>,
    /// True values over time: the observables of the trial, then the states of its models that no
    /// observable is named after.
    pub columns: Vec<Trajectory>,
    /// What the visits recorded, in the order of time.
    pub records: Vec<ReplayRecord>,
    /// Doses taken, in the order of time.
    pub doses: Vec<ReplayDose>,
    /// What happened, seen or not, in the order of time.
    pub events: Vec<ReplayEvent>,
    /// The day on which follow-up ended.
    pub followed: f64,
    /// Why follow-up ended before its time.
    pub ending: Option<String>,
}

/// A true value over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The observable or state.
    pub name: String,
    /// Its unit; none for a number without unit.
    pub unit: Option<String>,
    /// At each of the days; a level by its position.
    pub values: Vec<f64>,
}

/// A record of a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayRecord {
    /// When it was taken.
    pub day: f64,
    /// The planned visit.
    pub visit: String,
    /// The observable.
    pub name: String,
    /// Its unit; none for a number without unit.
    pub unit: Option<String>,
    /// The value; where a limit of quantification was passed, that limit.
    pub value: f64,
    /// As written in the tables where it is no plain number: a level, or the limit passed (`<0.1`).
    pub text: Option<String>,
}

/// A dose.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayDose {
    /// When it was given.
    pub day: f64,
    /// When its infusion ended; the same as `day` where there was none.
    pub until: f64,
    /// What was given.
    pub treatment: String,
    /// How much.
    pub amount: f64,
    /// The unit of the amount; none for a number without unit.
    pub unit: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayEvent {
    /// When it began.
    pub day: f64,
    /// When it ended, if it did within follow-up; an event of a model is an instant.
    pub end: Option<f64>,
    /// The event, hazard or adverse event.
    pub name: String,
    /// `event`, `hazard` or `adverse event`.
    pub kind: &'static str,
    /// The grade of an adverse event.
    pub grade: Option<u8>,
    /// Whether the trial learned of it.
    pub seen: bool,
}

/// Why a participant could not be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The twin was not enrolled.
    #[error("twin {twin} was not enrolled: {}", reasons.join(", "))]
    NotEnrolled {
        /// Its number.
        twin: u64,
        /// The criteria it failed, or the reason it was passed over.
        reasons: Vec<String>,
    },
    /// The dose of a cohort is not known where only one of it is simulated.
    #[error("not supported yet: replaying a participant of a dose escalation")]
    Escalation,
    /// Not an interval to go on by.
    #[error("an interval of {0} days leads nowhere")]
    Interval(f64),
    /// The twin could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Simulates a twin of a repetition (from 0) in an arm (its position in the trial) again, and reads its true values every
/// `every` days. It may be an arm that randomisation did not give it; how many twins the run drew
/// is not known here.
///
/// # Errors
/// When the twin cannot be drawn or was not enrolled, the interval is not positive, or the trial is an escalation.
pub fn replay(
    plan: &Plan<'_>,
    TwinKey { replicate, number: twin }: TwinKey,
    path: usize,
    every: f64,
) -> Result<Replay, ReplayError> {
    if !(every > 0.0 && every.is_finite()) {
        return Err(ReplayError::Interval(every));
    }
    if plan.trial.adaptive.escalation.is_some() {
        return Err(ReplayError::Escalation);
    }
    let before = Stretch { replicate, twins: 0..twin, after: 0.0 };
    let after = plan.arrivals.end(&before);
    let mut screened = screen(plan, &[Stretch { replicate, twins: twin..twin + 1, after }])?;
    run_in(plan, &mut screened);
    let mut screened = screened.pop().expect("one stretch was screened");
    if let Some(refused) = screened.refused.pop() {
        return Err(ReplayError::NotEnrolled { twin, reasons: reasons(plan, &refused.why) });
    }
    // Screening is gone through twice: once to decide, as in the run, and once to be watched.
    let Some(candidate) = screened.eligible.pop() else {
        let reasons = vec!["all sites had closed before it came".to_owned()];
        return Err(ReplayError::NotEnrolled { twin, reasons });
    };
    let (person, trace) = follow(plan, path, candidate, Trace::every(every));
    let arm = plan.paths[path][0];
    let outcome = Outcomes::new(plan).of(&person, path);
    Ok(Replay {
        columns: columns(plan, arm, &trace),
        days: trace.days,
        records: records(plan, &person),
        doses: doses(plan, &person),
        events: events(plan, &person, &outcome),
        followed: outcome.followed,
        ending: person.ending.as_ref().map(|ending| why(plan.trial, ending)),
    })
}

fn reasons(plan: &Plan<'_>, refusal: &Refusal) -> Vec<String> {
    let criteria: Vec<_> = plan.trial.eligibility.criteria().collect();
    match refusal {
        Refusal::Criteria(failed) => failed.iter().map(|&of| criteria[of].id.clone()).collect(),
        other => other.reason(plan).into_iter().collect(),
    }
}

fn why(trial: &Trial, ending: &Ending) -> String {
    match &ending.why {
        Why::Failed { cause, detail } if detail.is_empty() => (*cause).to_owned(),
        Why::Failed { cause, detail } => format!("{cause}: {detail}"),
        why => why.reason(trial).to_owned(),
    }
}

fn columns(plan: &Plan<'_>, arm: usize, trace: &Trace) -> Vec<Trajectory> {
    let observables = plan.trial.observables.iter().enumerate();
    let mut columns: Vec<Trajectory> = observables
        .map(|(index, observed)| Trajectory {
            name: observed.name.clone(),
            unit: unit_text(&observed.unit),
            values: trace.observable(index).map(|v| v * plan.record_factors[index]).collect(),
        })
        .collect();
    for (row, state) in plan.arms[arm].system.states.iter().enumerate() {
        if let StateRow::Model(ModelId(model), at) = *state {
            let values = trace.state(row).collect();
            let column = state_column(plan, model, at, values);
            if columns.iter().all(|known| known.name != column.name) {
                columns.push(column);
            }
        }
    }
    columns
}

fn state_column(plan: &Plan<'_>, model: usize, at: usize, values: Vec<f64>) -> Trajectory {
    let of = &plan.trial.models[model];
    let symbol = &of.model.symbols[of.model.states[at].symbol.index()];
    let name = match plan.trial.models.len() {
        1 => symbol.name.clone(),
        _ => format!("{}.{}", of.id, symbol.name),
    };
    Trajectory { name, unit: unit_text(&symbol.unit), values }
}

fn records(plan: &Plan<'_>, person: &Person) -> Vec<ReplayRecord> {
    let trial = plan.trial;
    let records = person.seen.records.iter().enumerate().map(|(index, record)| {
        let observed = &trial.observables[record.observable];
        let beyond = person.seen.limited.iter().find(|(of, _)| *of == index);
        let level = || observed.levels.as_ref()?.get(record.value as usize).cloned();
        let text = match beyond {
            Some((_, Beyond::Lower)) => Some(format!("<{}", record.value)),
            Some((_, Beyond::Upper)) => Some(format!(">{}", record.value)),
            None => level(),
        };
        ReplayRecord {
            day: record.day,
            visit: trial.encounters[record.encounter].label.clone(),
            name: observed.name.clone(),
            unit: unit_text(&observed.unit),
            value: record.value,
            text,
        }
    });
    records.collect()
}

fn doses(plan: &Plan<'_>, person: &Person) -> Vec<ReplayDose> {
    let taken = person.seen.doses.iter().filter(|dose| dose.taken);
    let doses = taken.map(|dose| {
        let regimen = &plan.trial.regimens[dose.regimen];
        ReplayDose {
            day: dose.day,
            until: dose.until,
            treatment: regimen.treatment.clone(),
            amount: dose.amount,
            unit: unit_text(&regimen.unit),
        }
    });
    doses.collect()
}

fn events(plan: &Plan<'_>, person: &Person, outcome: &Outcome) -> Vec<ReplayEvent> {
    let happened = person.truth.events.iter().zip(&outcome.learned);
    let of_models = happened.map(|(event, &seen)| {
        let happening = Happening::Model(event.what);
        ReplayEvent {
            day: event.onset,
            end: None,
            name: name_of(plan.trial, happening),
            kind: kind_of(happening),
            grade: None,
            seen,
        }
    });
    let adverse = outcome.happened.iter().map(|(episode, seen)| ReplayEvent {
        day: episode.onset,
        end: (episode.end <= outcome.followed).then_some(episode.end),
        name: plan.trial.adverse_events[episode.adverse_event].id.clone(),
        kind: kind_of(Happening::AdverseEvent(episode.adverse_event)),
        grade: Some(episode.grade),
        seen: *seen,
    });
    let mut events: Vec<ReplayEvent> = of_models.chain(adverse).collect();
    events.sort_by(|a, b| a.day.total_cmp(&b.day));
    events
}

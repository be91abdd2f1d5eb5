//! One participant of a finished run, simulated again from the run's own copies of its inputs.

use crate::reopening::Origin;
use crate::{Error, Faulty, Result, plan};
use proband_diag::{Faults, Fragment, Sources, code, did_you_mean};
use proband_engine::{Replay, ReplayError, TwinKey, enrol_repetition};
use proband_lang::{Unit, parse_quantity};
use proband_store::RunFolder;
use proband_trial::Trial;
use serde_json::{Value, json};
use std::path::Path;

/// One participant of a run.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The trial's id.
    pub trial: String,
    /// The run.
    pub run: String,
    /// The repetition of the trial, from 1.
    pub replicate: u32,
    /// The number of the twin.
    pub twin: u64,
    /// The title of the arm.
    pub arm: String,
    /// What happened to it.
    pub replay: Replay,
}

impl Replayed {
    /// All of it as one object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let replay = &self.replay;
        let columns = replay
            .columns
            .iter()
            .map(|of| json!({ "name": of.name, "unit": of.unit, "values": of.values }));
        let records = replay.records.iter().map(|of| {
            json!({
                "day": of.day, "visit": of.visit, "name": of.name, "unit": of.unit,
                "value": of.value, "text": of.text,
            })
        });
        let doses = replay.doses.iter().map(|of| {
            json!({
                "day": of.day, "until": of.until, "treatment": of.treatment, "amount": of.amount,
                "unit": of.unit,
            })
        });
        let events = replay.events.iter().map(|of| {
            json!({
                "day": of.day, "end": of.end, "name": of.name, "kind": of.kind, "grade": of.grade,
                "seen": of.seen,
            })
        });
        json!({
            "trial": self.trial,
            "run": self.run,
            "replicate": self.replicate,
            "twin": self.twin,
            "arm": self.arm,
            "followed": replay.followed,
            "ending": replay.ending,
            "days": replay.days,
            "columns": columns.collect::<Value>(),
            "records": records.collect::<Value>(),
            "doses": doses.collect::<Value>(),
            "events": events.collect::<Value>(),
        })
    }
}

/// Rows of a replay at most: more is a slip of whoever typed the interval.
const MOST_ROWS: f64 = 1e6;

pub(crate) fn replay(
    folder: &Path,
    twin: TwinKey,
    arm: &str,
    every: Option<&str>,
) -> Result<Replayed> {
    let (folder, manifest) = RunFolder::finished(folder)?;
    let opened = Origin::of_finished(&manifest).reopen(&folder)?;
    let trial = &opened.trial;
    let replicates = trial.simulation.replicates;
    if twin.replicate >= replicates {
        return Err(asked(format!("the trial was repeated {replicates} times"), None));
    }
    let arm = position(trial, arm)?;
    let every = interval(trial, every)?;
    let plan = plan(trial)?;
    let drawn = match replicates {
        1 => manifest.counts.get("drawn").copied().unwrap_or(0),
        _ => enrol_repetition(&plan, twin.replicate)?.screening.drawn,
    };
    if twin.number >= drawn {
        return Err(asked(format!("the run drew {drawn} twins, numbered from 0"), None));
    }
    let replay =
        proband_engine::replay(&plan, twin, arm, every).map_err(|error| match error {
            ReplayError::Draw(error) => error.into(),
            other => asked(other.to_string(), None),
        })?;
    let arm = match &trial.design.crossover {
        Some(crossover) => crossover.sequences[arm].id.clone(),
        None => trial.arms[arm].title.clone(),
    };
    let TwinKey { replicate, number } = twin;
    let replicate = replicate + 1;
    Ok(Replayed {
        trial: manifest.trial,
        run: manifest.run,
        replicate,
        twin: number,
        arm,
        replay,
    })
}

fn position(trial: &Trial, id: &str) -> Result<usize> {
    let sequences = trial.design.crossover.as_ref().map_or(&[][..], |of| &of.sequences);
    let of_arms = trial.arms.iter().map(|arm| arm.id.as_str());
    let all: Vec<&str> = match sequences {
        [] => of_arms.collect(),
        sequences => sequences.iter().map(|sequence| sequence.id.as_str()).collect(),
    };
    let ids = || all.iter().copied();
    ids().position(|known| known == id).ok_or_else(|| {
        let help =
            did_you_mean(id, ids()).unwrap_or_else(|| format!("there are {}", all.join(", ")));
        Faulty::one(code::UNKNOWN_ARM, format!("no arm is named `{id}`"), Some(help)).into()
    })
}

/// Days between rows.
fn interval(trial: &Trial, told: Option<&str>) -> Result<f64> {
    let length = length(trial);
    let Some(told) = told else { return Ok(usual_interval(length)) };
    let days = days(told)?;
    if days > 0.0 && length / days <= MOST_ROWS {
        return Ok(days);
    }
    let help = format!("the trial is {length} days long");
    Err(asked(format!("an interval of {told} makes no table"), Some(help)))
}

fn days(told: &str) -> Result<f64> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let source = sources.add("--every", told);
    let quantity = parse_quantity(Fragment::whole(source, told), &mut faults);
    let Some((number, unit)) = quantity else { return Err(Faulty { sources, faults }.into()) };
    let factor = unit.factor_to(&Unit::day());
    factor.map(|factor| number * factor).ok_or_else(|| {
        asked(format!("`{told}` is no time"), Some("write it as `6 h` or `1 day`".to_owned()))
    })
}

/// From the start of the first epoch to the end of the last, in days.
fn length(trial: &Trial) -> f64 {
    let from = trial.epochs.iter().map(|epoch| epoch.from).fold(0.0, f64::min);
    let to = trial.epochs.iter().map(|epoch| epoch.to).fold(0.0, f64::max);
    to - from
}

/// The shortest of the intervals that people read by which makes no more than 120 rows.
fn usual_interval(length: f64) -> f64 {
    const HOURS: [f64; 10] = [0.25, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 168.0];
    let intervals = HOURS.iter().map(|hours| hours / 24.0);
    let mut short_enough = intervals.filter(|days| length / days <= 120.0);
    short_enough.next().unwrap_or(28.0)
}

fn asked(message: String, help: Option<String>) -> Error {
    Faulty::one(code::COMMAND_LINE, message, help).into()
}

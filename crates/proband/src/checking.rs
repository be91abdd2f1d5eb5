//! What a run will leave and take, worked out from a few participants.

use crate::identity::Identity;
use crate::pilot::{Pilot, TableEstimate};
use crate::{Opened, Result, manifest, plan};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run will leave and take, roughly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The trial's id.
    pub trial: String,
    /// The id the run will have.
    pub run: String,
    /// Participants to be enrolled.
    pub participants: u64,
    /// Twins that will be drawn to find them.
    pub drawn: u64,
    /// Which tables are kept: the word of `output.level`.
    pub level: String,
    /// Tables, in the order in which they are written.
    pub tables: Vec<TableEstimate>,
    /// Bytes on disk while it runs, beside the tables.
    pub scratch_bytes: u64,
    /// Seconds on this machine, with as many threads as this was asked with.
    pub seconds: f64,
    /// Those threads.
    pub threads: usize,
    /// The solver of each arm, and how it was chosen.
    pub methods: BTreeMap<String, String>,
    /// What the trial file did not say, by path, and the value that is used.
    pub defaults: BTreeMap<String, String>,
    /// Twins enrolled in the pilot that this was worked out from.
    pub pilot: u64,
    /// Participants of the pilot whose model failed.
    pub pilot_failed: u64,
    /// Why: each cause with what was found, and of how many participants.
    pub pilot_failures: BTreeMap<String, u64>,
}

/// Twins in the first pilot; a second one is larger where the first took no time.
const FIRST: u64 = 16;
const SECOND: u64 = 256;
/// Seconds that a first pilot may take for a second to follow.
const QUICK: f64 = 0.25;

/// Estimates a run.
pub(crate) fn check(opened: &Opened) -> Result<Estimate> {
    let trial = &opened.trial;
    let (identity, whole) = (Identity::of(opened), plan(trial)?);
    let mut pilot = Pilot::run(trial, FIRST, &identity.provenance())?;
    if pilot.seconds() < QUICK && trial.design.participants > FIRST {
        pilot = Pilot::run(trial, SECOND, &identity.provenance())?;
    }
    let participants = trial.design.participants;
    let share = participants as f64 / pilot.enrolled as f64;
    let threads = rayon::current_num_threads();
    // A shard is the work of one thread.
    let at_once = threads.min(whole.shards() as usize);
    Ok(Estimate {
        trial: trial.id.clone(),
        run: identity.run.clone(),
        participants,
        drawn: times(pilot.drawn, share),
        level: manifest::level(trial.output.level).to_owned(),
        tables: pilot.tables.iter().map(|table| table.of_run(share, whole.shards())).collect(),
        scratch_bytes: times(pilot.column_bytes, share),
        seconds: pilot.seconds_of_run(share) / at_once as f64,
        threads,
        methods: manifest::methods(&whole),
        defaults: trial.defaults.iter().cloned().collect(),
        pilot: pilot.enrolled,
        pilot_failed: pilot.failed,
        pilot_failures: pilot.failures,
    })
}

/// A count of the pilot in the run.
pub(crate) fn times(count: u64, share: f64) -> u64 {
    (count as f64 * share).round() as u64
}

//! What a run will leave and take, worked out from a few participants.

use crate::identity::Identity;
use crate::pilot::{Measured, Pilot, TableEstimate};
use crate::{Opened, Result, manifest, plan};
use proband_engine::truth_participants;
use proband_trial::{OutputLevel, Trial};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run will leave and take, roughly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The trial's id.
    pub trial: String,
    /// The id the run will have.
    pub run: String,
    /// Participants to be enrolled, over all repetitions and scenarios.
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
    let trials = opened.trials();
    // Tables of participants are kept of the first; what one participant takes is much the same in all.
    let trial = &trials[0];
    let (identity, whole) = (Identity::of(opened), plan(trial)?);
    let mut pilot = Pilot::run(trial, FIRST, &identity.provenance())?;
    if pilot.seconds() < QUICK && trial.design.participants > FIRST {
        pilot = Pilot::run(trial, SECOND, &identity.provenance())?;
    }
    let replicates = |trial: &Trial| u64::from(trial.simulation.replicates);
    let enrolled = |trial: &Trial| trial.design.participants * replicates(trial);
    let participants = trials.iter().map(enrolled).sum();
    let of_pilot = |count: u64| count as f64 / pilot.enrolled as f64;
    let (share, kept) = (of_pilot(participants), of_pilot(enrolled(trial)));
    let truth = trials.iter().map(truth_participants).sum();
    let analysed = trials.iter().map(replicates).sum();
    let threads = rayon::current_num_threads();
    let (shards, scratch) = match replicates(trial) {
        1 => (whole.shards(), times(pilot.column_bytes, share)),
        // Repetitions are analysed at once, and nothing is kept for it.
        _ => (whole.repetition_shards(), 0),
    };
    let is_kept =
        |table: &&Measured| trial.output.level > OutputLevel::Operating || table.grows();
    let tables = pilot.tables.iter().filter(is_kept);
    Ok(Estimate {
        trial: trial.id.clone(),
        run: identity.run.clone(),
        participants,
        drawn: times(pilot.drawn, share),
        level: manifest::level(trial.output.level).to_owned(),
        tables: tables.map(|table| table.of_run(kept, analysed, shards)).collect(),
        scratch_bytes: scratch,
        // A shard is the work of one thread.
        seconds: pilot.seconds_of_run(share, truth) / threads.min(shards as usize) as f64,
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

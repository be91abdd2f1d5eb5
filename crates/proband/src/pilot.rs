//! A few participants of a trial, measured: rows and bytes by table, and time.

use crate::checking::times;
use crate::timer::Timer;
use crate::{Error, Failure, Result, enrolling, findings_table, on_threads, plan};
use proband_analysis::{Accumulator, Column, InMemory, findings};
use proband_engine::tables::{Batch, Kept, KeptShard};
use proband_engine::{Enrolment, Plan, Unwatched, simulate};
use proband_store::{Provenance, encoded_size};
use proband_trial::Trial;
use serde::Serialize;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// A table as it will be, roughly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableEstimate {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// The size of its file.
    pub bytes: u64,
}

/// What a few participants took.
#[derive(Debug)]
pub(crate) struct Pilot {
    pub(crate) enrolled: u64,
    pub(crate) drawn: u64,
    pub(crate) failed: u64,
    pub(crate) tables: Vec<Measured>,
    pub(crate) column_bytes: u64,
    enrol_seconds: f64,
    simulate_seconds: f64,
}

/// A table of the pilot.
#[derive(Debug)]
pub(crate) struct Measured {
    table: &'static str,
    rows: u64,
    /// Bytes of a file, however many rows it has.
    fixed: f64,
    /// Bytes of a row.
    per_row: f64,
    /// Whether its rows grow with the participants.
    grows: bool,
}

/// Twins that a pilot draws at most before it says that screening gives up.
const AT_MOST: u64 = 200_000;

/// Twins that enrolment screens at least on one thread, however few are needed.
const WAVE: u64 = 4096;

impl Pilot {
    /// Runs the trial with so few participants, on one thread.
    pub(crate) fn run(
        trial: &Trial,
        participants: u64,
        provenance: &Provenance,
    ) -> Result<Self> {
        let mut small = trial.clone();
        small.design.participants = participants.min(trial.design.participants);
        small.eligibility.at_most = trial.eligibility.at_most.min(AT_MOST);
        on_threads(Some(NonZeroUsize::MIN), || Self::measure(&small, provenance))
    }

    fn measure(trial: &Trial, provenance: &Provenance) -> Result<Self> {
        let plan = plan(trial)?;
        let mut timer = Timer::start();
        let enrolment = enrolling::enrol(&plan, &Unwatched)?.expect("nobody asks to stop");
        let enrol_seconds = timer.lap("enrol");
        let kept = Kept::default();
        simulate(&plan, &enrolment, &kept, &Unwatched)?;
        let simulate_seconds = timer.lap("simulate");
        let shards: Vec<KeptShard> = kept.into_shards().into_values().collect();
        let mut tables = measured(&shards, provenance)?;
        tables.push(findings_of(&plan, &enrolment, &shards, provenance)?);
        let columns = || shards.iter().flat_map(|shard| &shard.columns);
        Ok(Self {
            enrolled: enrolment.enrolled,
            drawn: enrolment.screening.drawn,
            failed: failed(&plan, &shards),
            tables,
            column_bytes: columns().map(|column| 8 * column.len() as u64).sum(),
            enrol_seconds,
            simulate_seconds,
        })
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.enrol_seconds + self.simulate_seconds
    }

    /// Seconds that the whole run takes on one thread.
    pub(crate) fn seconds_of_run(&self, share: f64) -> f64 {
        let screened = self.drawn.max(WAVE) as f64;
        let enrol = self.enrol_seconds * share * self.drawn as f64 / screened;
        enrol.max(self.enrol_seconds) + self.simulate_seconds * share
    }
}

impl Measured {
    fn new(batches: &[&Batch], grows: bool, provenance: &Provenance) -> Result<Self> {
        let rows = |of: &[&Batch]| of.iter().map(|batch| batch.rows() as u64).sum::<u64>();
        let size = |of: &[&Batch]| encoded_size(of, provenance);
        // What more rows add to a file that has some: the first ones bring texts that the next ones share.
        let empty = Batch::new(Arc::clone(batches[0].schema()));
        let some = match batches {
            [first, _, ..] if first.rows() > 0 => *first,
            _ => &empty,
        };
        let added = rows(batches) - some.rows() as u64;
        let bytes = size(batches)?.saturating_sub(size(&[some])?);
        let per_row = if added == 0 { 0.0 } else { bytes as f64 / added as f64 };
        let fixed = (size(&[some])? as f64 - per_row * some.rows() as f64).max(0.0);
        Ok(Self { table: empty.table().name(), rows: rows(batches), fixed, per_row, grows })
    }

    pub(crate) fn of_run(&self, share: f64) -> TableEstimate {
        let rows = times(self.rows, if self.grows { share } else { 1.0 });
        let bytes = self.fixed + self.per_row * rows as f64;
        TableEstimate { table: self.table.to_owned(), rows, bytes: bytes.round() as u64 }
    }
}

fn measured(shards: &[KeptShard], provenance: &Provenance) -> Result<Vec<Measured>> {
    let tables = shards.first().map_or(0, |shard| shard.tables.len());
    let of = |table: usize| -> Vec<&Batch> {
        shards.iter().map(|shard| &shard.tables[table]).collect()
    };
    (0..tables).map(|table| Measured::new(&of(table), true, provenance)).collect()
}

/// As many findings as the run will have: their number does not grow.
fn findings_of(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    shards: &[KeptShard],
    provenance: &Provenance,
) -> Result<Measured> {
    let mut source = InMemory::new();
    shards.iter().for_each(|shard| source.push(shard.columns.clone()));
    let unread = |error| Error::from(Failure::Columns(error));
    let sums = Accumulator::read(&plan.layout, &source).map_err(unread)?;
    let found = findings(&plan.layout, &sums, Some(&enrolment.screening), &source);
    let batch = findings_table::batch(&plan.trial.id, &found.map_err(unread)?);
    Measured::new(&[&batch], false, provenance)
}

/// Participants whose model failed.
fn failed(plan: &Plan<'_>, shards: &[KeptShard]) -> u64 {
    let Some(place) = plan.layout.position(Column::Failed) else { return 0 };
    let failed = shards.iter().flat_map(|shard| &shard.columns[place]);
    failed.filter(|&&failed| failed > 0.0).count() as u64
}

//! A few participants of a trial, measured: rows and bytes by table, and time.

use crate::checking::times;
use crate::timer::Timer;
use crate::{Error, Failure, Result, enrolling, findings_table, on_threads, plan};
use proband_analysis::{Accumulator, Column, InMemory, findings};
use proband_engine::tables::{Batch, Kept, KeptShard, TableId, Values};
use proband_engine::{Enrolment, Plan, Unwatched, simulate};
use proband_store::{Provenance, encoded_size, row_groups};
use proband_trial::Trial;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// Participants: a twin in several arms counts in each.
    participants: u64,
    pub(crate) drawn: u64,
    pub(crate) failed: u64,
    /// Participants by the cause of their failure.
    pub(crate) failures: BTreeMap<String, u64>,
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
    /// Bytes of a file without rows.
    fixed: f64,
    /// Bytes of a row group, however many rows it has: pages, and the texts that its rows share.
    per_group: f64,
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
            participants: enrolment.enrolled * plan.rows_per_twin(),
            drawn: enrolment.screening.drawn,
            failed: failed(&plan, &shards),
            failures: failures(&shards),
            tables,
            column_bytes: columns().map(|column| 8 * column.len() as u64).sum(),
            enrol_seconds,
            simulate_seconds,
        })
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.enrol_seconds + self.simulate_seconds
    }

    /// Seconds that the whole run takes on one thread, with so many participants for true values.
    pub(crate) fn seconds_of_run(&self, share: f64, truth: u64) -> f64 {
        let screened = self.drawn.max(WAVE) as f64;
        let enrol = self.enrol_seconds * share * self.drawn as f64 / screened;
        let truth = truth as f64 / self.participants as f64;
        enrol.max(self.enrol_seconds) + self.simulate_seconds * (share + truth)
    }
}

impl Measured {
    fn new(batches: &[&Batch], grows: bool, provenance: &Provenance) -> Result<Self> {
        let rows = |of: &[&Batch]| of.iter().map(|batch| batch.rows() as u64).sum::<u64>();
        let size = |of: &[&Batch]| encoded_size(of, provenance);
        let empty = Batch::new(Arc::clone(batches[0].schema()));
        let fixed = size(&[&empty])? as f64;
        // What more rows add to a row group that has some: the first ones bring what the next ones share.
        let first = size(&batches[..1])? as f64 - fixed;
        let (some, rows) = (rows(&batches[..1]), rows(batches));
        let added = (rows - some) as f64;
        let per_row = match rows - some {
            0 => first / rows.max(1) as f64,
            _ => (size(batches)? as f64 - fixed - first).max(0.0) / added,
        };
        let per_group = (first - per_row * some as f64).max(0.0);
        let table = empty.table().name();
        Ok(Self { table, rows, fixed, per_group, per_row, grows })
    }

    /// Whether its rows grow with the participants.
    pub(crate) fn grows(&self) -> bool {
        self.grows
    }

    /// The table of a run with `share` times the participants of the pilot in trials that are analysed so many
    /// times.
    pub(crate) fn of_run(&self, share: f64, analysed: u64, shards: u32) -> TableEstimate {
        let rows = times(self.rows, if self.grows { share } else { analysed as f64 });
        let groups = row_groups(rows, shards) as f64;
        let bytes = self.fixed + self.per_group * groups + self.per_row * rows as f64;
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
    let found = findings(&plan.layout, &sums, Some(&enrolment.screening), &source, 0);
    let batch = findings_table::batch(plan.trial, &found.map_err(unread)?);
    Measured::new(&[&batch], false, provenance)
}

/// Why models failed, as the table of exclusions says: `step-too-small (prol)`.
fn failures(shards: &[KeptShard]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let is_kept = |table: &&Batch| table.table() == TableId::Exclusions;
    for table in shards.iter().flat_map(|shard| &shard.tables).filter(is_kept) {
        let text = |column, row| match table.values(table.schema().at(column)) {
            Values::Texts(texts) => texts.get(row),
            _ => None,
        };
        for row in (0..table.rows()).filter(|&row| text("STAGE", row) == Some("simulation")) {
            let reason = text("REASON", row).unwrap_or_default();
            let cause = match text("DETAIL", row) {
                Some(detail) => format!("{reason} ({detail})"),
                None => reason.to_owned(),
            };
            *counts.entry(cause).or_default() += 1;
        }
    }
    counts
}

/// Participants whose model failed.
fn failed(plan: &Plan<'_>, shards: &[KeptShard]) -> u64 {
    let Some(place) = plan.layout.position(Column::Failed) else { return 0 };
    let failed = shards.iter().flat_map(|shard| &shard.columns[place]);
    failed.filter(|&&failed| failed > 0.0).count() as u64
}

//! The work of a run: its shards, or a share of them.

use crate::identity::Identity;
use crate::reopening::Origin;
use crate::running::prepared;
use crate::watching::Noted;
use crate::{Failure, Result};
use proband_engine::tables::{Batch, Sink, SinkError};
use proband_engine::{Plan, Watch, Work, repeat, simulate};
use proband_kernel::Backend;
use proband_store::{ParquetSink, RunFolder, RunPlan};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which shards of a run are to be done: every so many, from one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    task: u32,
    tasks: u32,
}

/// What a worker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worked {
    /// Shards done now.
    pub shards: u32,
    /// Whether somebody asked to stop before its share was done.
    pub interrupted: bool,
}

impl Share {
    /// All shards.
    pub const ALL: Self = Self { task: 0, tasks: 1 };

    /// The share of one of several tasks, of which there is one at least. Tasks may be counted from 0 or
    /// from 1: the last of the second count is the first of the other.
    #[must_use]
    pub fn of(task: u32, tasks: u32) -> Self {
        let tasks = tasks.max(1);
        Self { task: task % tasks, tasks }
    }

    /// One shard alone.
    pub(crate) fn only(shard: u32) -> Self {
        Self { task: shard, tasks: u32::MAX }
    }

    fn has(self, shard: u32) -> bool {
        shard % self.tasks == self.task
    }
}

/// Does a share of a run that is planned, beside other workers. One that was merged, or is in the meantime,
/// needs no more work and has no place for it.
pub(crate) fn work_on(
    path: &Path,
    share: Share,
    backend: Backend,
    watch: &dyn Watch,
) -> Result<Worked> {
    let worked = do_share(path, share, backend, watch);
    if worked.is_err() && RunFolder::at(path, "").manifest()?.is_some() {
        return Ok(Worked { shards: 0, interrupted: false });
    }
    worked
}

fn do_share(
    folder: &Path,
    share: Share,
    backend: Backend,
    watch: &dyn Watch,
) -> Result<Worked> {
    backend.check().map_err(Failure::Backend)?;
    let (folder, planned) = RunFolder::planned(folder)?;
    let opened = Origin::of_planned(&planned).reopen(&folder)?;
    let sink = ParquetSink::join(folder, Identity::of(&opened).provenance());
    let trials = opened.trials();
    let plans = prepared(&trials, backend)?;
    let noted = Noted::begin(sink.folder(), sink.attempt(), share, watch)?;
    let worked = work(&plans, &planned, &sink, share, &noted)
        .map(|Work { shards, interrupted, .. }| Worked { shards, interrupted });
    noted.end(&worked);
    worked
}

/// Simulates every shard of a share that is not there yet.
pub(crate) fn work(
    plans: &[Plan<'_>],
    planned: &RunPlan,
    sink: &ParquetSink,
    share: Share,
    watch: &dyn Watch,
) -> Result<Work> {
    let mut took = Work::default();
    for (plan, part) in plans.iter().zip(&planned.parts) {
        let sink = OfPart { sink, first: part.first, share };
        let of_part = match &part.enrolment {
            Some(enrolment) => simulate(plan, enrolment, &sink, watch)?,
            None => repeat(plan, &sink, watch)?,
        };
        took.add(&of_part);
        if took.interrupted {
            break;
        }
    }
    Ok(took)
}

/// The sink of one trial of the run. Its shards stand behind those of the trials before it, and those of
/// other shares are none of its work.
struct OfPart<'r> {
    sink: &'r ParquetSink,
    first: u32,
    share: Share,
}

impl Sink for OfPart<'_> {
    fn shard(
        &self,
        index: u32,
        tables: &[Batch],
        columns: &[&[f64]],
    ) -> std::result::Result<(), SinkError> {
        self.sink.shard(self.first + index, tables, columns)
    }

    fn has_shard(&self, index: u32) -> bool {
        let shard = self.first + index;
        !self.share.has(shard) || self.sink.has_shard(shard)
    }
}

//! The run: every shard of an enrolment, on all cores.

use crate::emit::Emitter;
use crate::enrolment::{EnrolError, Enrolment, ShardRange};
use crate::plan::Plan;
use crate::shard::{add, simulate_side_by_side};
use crate::tables::{Sink, SinkError};
use crate::watch::Watch;
use crate::worked::Worked;
use proband_cohort::DrawError;
use proband_ode::Statistics;
use proband_stats::StatsError;
use rayon::prelude::*;
use thiserror::Error;

/// What a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Shards done now; those done before are not among them.
    pub shards: u32,
    /// What the integrations took, over those shards.
    pub statistics: Statistics,
    /// Whether somebody asked to stop before all shards were done.
    pub interrupted: bool,
}

/// Why a run came to no end.
#[derive(Debug, Error)]
pub enum RunError {
    /// Rows could not be kept.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// Twins could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A repetition of the trial could not be enrolled.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    /// The rule of an escalation cannot decide.
    #[error("the escalation cannot decide: {0}")]
    Climb(#[from] StatsError),
}

/// Simulates every shard that the sink does not have yet, and hands over its rows and the columns of
/// its participants (those of the plan's layout, in its order).
///
/// # Errors
/// When rows cannot be kept or twins cannot be drawn. Shards that were handed over stay so, and a
/// further call goes on from there.
pub fn simulate(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    sink: &dyn Sink,
    watch: &dyn Watch,
) -> Result<Work, RunError> {
    let emitter = Emitter::new(plan, enrolment.screening.drawn);
    let size = |shard| enrolment.participants(plan, shard);
    every_shard(enrolment.shards(), sink, watch, size, |shard| {
        one(plan, &enrolment.shards[shard as usize], &emitter, sink, shard)
    })
}

/// Does every shard that the sink does not have yet, on all cores. `size` gives the participants of a
/// shard, and `one` does it and says what the integrations took.
pub(crate) fn every_shard(
    shards: u32,
    sink: &dyn Sink,
    watch: &dyn Watch,
    size: impl Fn(u32) -> u64 + Sync,
    one: impl Fn(u32) -> Result<Statistics, RunError> + Sync,
) -> Result<Work, RunError> {
    let (before, todo): (Vec<u32>, Vec<u32>) =
        (0..shards).partition(|&shard| sink.has_shard(shard));
    watch.done_before(before.iter().map(|&shard| size(shard)).sum());
    let done: Vec<Option<Statistics>> = todo
        .par_iter()
        .with_max_len(1)
        .map(|&shard| {
            if watch.stop() {
                return Ok(None);
            }
            // Another process may have been here in the meantime.
            let is_there = sink.has_shard(shard);
            let statistics = if is_there { Statistics::default() } else { one(shard)? };
            watch.shard_done(size(shard));
            Ok(Some(statistics))
        })
        .collect::<Result<_, RunError>>()?;
    Ok(Work::of(&done))
}

impl Work {
    /// Adds the work on another trial of the run.
    pub fn add(&mut self, other: &Self) {
        self.shards += other.shards;
        self.interrupted |= other.interrupted;
        add(&mut self.statistics, &other.statistics);
    }

    /// The sum over shards; those that were not begun have no statistics.
    fn of(shards: &[Option<Statistics>]) -> Self {
        let mut work = Self::default();
        for statistics in shards {
            match statistics {
                Some(statistics) => {
                    work.shards += 1;
                    add(&mut work.statistics, statistics);
                }
                None => work.interrupted = true,
            }
        }
        work
    }
}

/// Simulates one shard, and says what the integrations took.
fn one(
    plan: &Plan<'_>,
    range: &ShardRange,
    emitter: &Emitter<'_, '_>,
    sink: &dyn Sink,
    index: u32,
) -> Result<Statistics, RunError> {
    let (mut shards, statistics) = simulate_side_by_side(plan, &[range])?;
    let worked = Worked::of(plan, shards.pop().expect("one shard was simulated"));
    let mut tables = emitter.batches();
    emitter.add(&worked, &mut tables);
    let kept: Vec<&[f64]> = worked.columns.columns().iter().map(Vec::as_slice).collect();
    sink.shard(index, &tables, &kept)?;
    Ok(statistics)
}

//! The run: every shard of an enrolment, on all cores.

use crate::emit::Emitter;
use crate::enrolment::Enrolment;
use crate::outcome::{Outcome, Outcomes, participant};
use crate::plan::Plan;
use crate::shard::{Enrolled, Shard, add, simulate_side_by_side};
use crate::tables::{Sink, SinkError};
use crate::watch::Watch;
use proband_cohort::DrawError;
use proband_ode::Statistics;
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
    let emitter = Emitter::new(plan, enrolment);
    let (before, todo): (Vec<u32>, Vec<u32>) =
        (0..enrolment.shards()).partition(|&shard| sink.has_shard(shard));
    watch.done_before(before.iter().map(|&shard| enrolment.participants(plan, shard)).sum());
    let done: Vec<Option<Statistics>> = todo
        .par_iter()
        .with_max_len(1)
        .map(|&shard| {
            if watch.stop() {
                return Ok(None);
            }
            let (participants, statistics) = one(plan, enrolment, &emitter, sink, shard)?;
            watch.shard_done(participants);
            Ok(Some(statistics))
        })
        .collect::<Result<_, RunError>>()?;
    Ok(Work::of(&done))
}

impl Work {
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

/// Simulates one shard; gives the number of its participants and what the integration took.
fn one(
    plan: &Plan<'_>,
    enrolment: &Enrolment,
    emitter: &Emitter<'_, '_>,
    sink: &dyn Sink,
    index: u32,
) -> Result<(u64, Statistics), RunError> {
    let range = std::slice::from_ref(&enrolment.shards[index as usize]);
    let (mut shards, statistics) = simulate_side_by_side(plan, range)?;
    let Shard { participants, refused } = shards.pop().expect("one shard was simulated");
    let mut outcomes = Outcomes::new(plan);
    let participants: Vec<(Enrolled, Outcome)> = participants
        .into_iter()
        .map(|enrolled| {
            let outcome = outcomes.of(&enrolled.person, enrolled.arm);
            (enrolled, outcome)
        })
        .collect();
    let mut columns = plan.layout.shard(participants.len());
    for (row, (enrolled, outcome)) in participants.iter().enumerate() {
        plan.layout.fill(&mut columns, row, &participant(enrolled, outcome));
    }
    plan.layout.evaluate(&mut columns);
    let tables = emitter.tables(&participants, &refused, &columns);
    let kept: Vec<&[f64]> = columns.columns().iter().map(Vec::as_slice).collect();
    sink.shard(index, &tables, &kept)?;
    Ok((participants.len() as u64, statistics))
}

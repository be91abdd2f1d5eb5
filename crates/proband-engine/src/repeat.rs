//! The trial repeated: ranges of repetitions, each enrolled, simulated and analysed by itself.
//!
//! A shard is a range of repetitions. Those of a small trial go through the solver side by side, so that
//! its lanes are full; what comes out of one depends on that one alone, and is what a run of one
//! repetition gives.

use crate::emit::{Emitter, add_findings};
use crate::enrolment::{Enrolment, ShardRange, enrol_side_by_side};
use crate::looks::{Held, hold};
use crate::plan::{CHUNK, Plan};
use crate::run::{RunError, Work, every_shard};
use crate::shard::{Shard, add, simulate_side_by_side};
use crate::tables::{self, Batch, Sink};
use crate::watch::Watch;
use crate::worked::Worked;
use proband_analysis::{Accumulator, Characteristic, Finding, InMemory, Operating, findings};
use proband_ode::Statistics;
use proband_trial::OutputLevel;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Shards that a long run is cut into, so that each is worth its files.
const SHARDS: u64 = 256;

/// Repetitions of a shard at most, if lanes do not need more, so that many can share a very long run.
const MOST: u64 = 256;

impl Plan<'_> {
    /// How many shards the repetitions make.
    #[must_use]
    pub fn repetition_shards(&self) -> u32 {
        self.trial.simulation.replicates.div_ceil(self.repetitions_of_a_shard())
    }

    /// A pure function of the trial: enough participants for full lanes, and not too many shards.
    fn repetitions_of_a_shard(&self) -> u32 {
        let replicates = self.trial.simulation.replicates;
        let even = u64::from(replicates).div_ceil(SHARDS).min(MOST);
        let wanted = self.repetitions_of(CHUNK).max(even);
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        self.cut.repetitions.unwrap_or(wanted).clamp(1, replicates)
    }

    /// Repetitions that have so many participants together; one at least.
    fn repetitions_of(&self, participants: u64) -> u64 {
        let of_one = self.trial.design.participants * self.rows_per_twin();
        participants.div_ceil(of_one.max(1)).max(1)
    }

    fn repetitions(&self, shard: u32) -> Range<u32> {
        let size = self.repetitions_of_a_shard();
        let first = shard * size;
        first..(first + size).min(self.trial.simulation.replicates)
    }
}

/// Enrols, simulates and analyses every repetition of the trial that the sink does not have yet. A shard
/// hands over the findings of its repetitions, and the other tables of the trial's level; no columns.
///
/// # Errors
/// When rows cannot be kept, twins cannot be drawn or too few are eligible. Shards that were handed over
/// stay so, and a further call goes on from there.
pub fn repeat(plan: &Plan<'_>, sink: &dyn Sink, watch: &dyn Watch) -> Result<Work, RunError> {
    let emitter = Emitter::new(plan, plan.trial.design.participants);
    let participants = plan.trial.design.participants * plan.rows_per_twin();
    let size = |shard| plan.repetitions(shard).len() as u64 * participants;
    every_shard(plan.repetition_shards(), sink, watch, size, |shard| {
        let mut rows = Rows::new(plan, &emitter);
        let mut statistics = Statistics::default();
        for group in plan.groups(plan.repetitions(shard)) {
            let (repetitions, of_group) = Done::some(plan, group)?;
            repetitions.into_iter().for_each(|repetition| rows.add(repetition));
            add(&mut statistics, &of_group);
        }
        sink.shard(shard, &rows.into_tables(), &[])?;
        Ok(statistics)
    })
}

/// The characteristics of the trial over a range of its repetitions, with no table made. Bias and coverage
/// are told where the arms are the same: true effects are not simulated.
///
/// # Errors
/// When twins cannot be drawn or too few are eligible.
pub fn characterise(
    plan: &Plan<'_>,
    replicates: Range<u32>,
) -> Result<Vec<Characteristic>, RunError> {
    let groups: Vec<Range<u32>> = plan.groups(replicates).collect();
    let found = groups.into_par_iter().with_max_len(1).map(|group| {
        let (repetitions, _) = Done::some(plan, group)?;
        let found = repetitions.into_iter().flat_map(|repetition| {
            repetition.findings(plan, None).into_iter().filter(Operating::takes)
        });
        Ok(found.collect())
    });
    let found: Vec<Vec<Finding>> = found.collect::<Result<_, RunError>>()?;
    let mut operating = Operating::new(plan.trial);
    found.iter().flatten().for_each(|finding| operating.push(finding));
    Ok(operating.characteristics())
}

impl Plan<'_> {
    /// Repetitions in groups that are simulated side by side; no number depends on it.
    fn groups(&self, replicates: Range<u32>) -> impl Iterator<Item = Range<u32>> + use<> {
        let Range { start, end } = replicates;
        let size =
            u32::try_from(self.repetitions_of(CHUNK)).unwrap_or(u32::MAX).min(end - start);
        (start..end).step_by(size as usize).map(move |first| first..(first + size).min(end))
    }
}

/// A repetition of the trial: who was enrolled, and what became of them.
#[derive(Debug)]
pub(crate) struct Repetition {
    pub(crate) enrolment: Enrolment,
    /// Its participants, cut as those of a run of one repetition are.
    pub(crate) shards: Vec<Shard>,
}

impl Repetition {
    /// Enrols and simulates some repetitions side by side, and says what the integrations took.
    pub(crate) fn simulate(
        plan: &Plan<'_>,
        replicates: Range<u32>,
    ) -> Result<(Vec<Self>, Statistics), RunError> {
        let enrolments = enrol_side_by_side(plan, replicates)?;
        let ranges: Vec<&ShardRange> = enrolments.iter().flat_map(|e| &e.shards).collect();
        let (shards, statistics) = simulate_side_by_side(plan, &ranges)?;
        let mut shards = shards.into_iter();
        let repetitions = enrolments.into_iter().map(|enrolment| {
            let shards = shards.by_ref().take(enrolment.shards.len()).collect();
            Self { enrolment, shards }
        });
        Ok((repetitions.collect(), statistics))
    }

    /// What its analyses find at the end. Its rows go to `keep`, where anything is kept.
    fn findings(self, plan: &Plan<'_>, mut keep: Option<Keep<'_, '_, '_>>) -> Vec<Finding> {
        let (mut sums, mut source) = (Accumulator::new(&plan.layout), InMemory::new());
        for shard in self.shards {
            let worked = Worked::of(plan, shard);
            if let Some((emitter, tables)) = &mut keep {
                emitter.add(&worked, tables);
            }
            sums.merge(&Accumulator::of(&plan.layout, &worked.columns));
            source.push(worked.columns.into_columns());
        }
        let Enrolment { screening, replicate, .. } = &self.enrolment;
        let found = findings(&plan.layout, &sums, Some(screening), &source, *replicate);
        found.expect("columns in memory can be read")
    }
}

/// A repetition that is over.
enum Done {
    AsPlanned(Repetition),
    /// It had looks, or was an escalation.
    Held(Held),
}

impl Done {
    fn some(
        plan: &Plan<'_>,
        replicates: Range<u32>,
    ) -> Result<(Vec<Self>, Statistics), RunError> {
        if plan.trial.adaptive.is_any() {
            let (held, statistics) = hold(plan, replicates)?;
            return Ok((held.into_iter().map(Self::Held).collect(), statistics));
        }
        let (repetitions, statistics) = Repetition::simulate(plan, replicates)?;
        Ok((repetitions.into_iter().map(Self::AsPlanned).collect(), statistics))
    }

    fn replicate(&self) -> u32 {
        match self {
            Self::AsPlanned(repetition) => repetition.enrolment.replicate,
            Self::Held(held) => held.replicate,
        }
    }

    /// What is found. The rows go to `keep`, where anything is kept.
    fn findings(self, plan: &Plan<'_>, keep: Option<Keep<'_, '_, '_>>) -> Vec<Finding> {
        let held = match self {
            Self::AsPlanned(repetition) => return repetition.findings(plan, keep),
            Self::Held(held) => held,
        };
        let found = held.findings(plan);
        if let Some((emitter, tables)) = keep {
            held.emit(plan, emitter, tables);
        }
        found
    }
}

/// Where the rows of a repetition go.
type Keep<'k, 'p, 't> = (&'k Emitter<'p, 't>, &'k mut [Batch]);

/// The rows of a shard of repetitions in the making.
struct Rows<'a, 'p, 't> {
    plan: &'p Plan<'t>,
    emitter: &'a Emitter<'p, 't>,
    tables: Vec<Batch>,
    findings: Batch,
}

impl<'a, 'p, 't> Rows<'a, 'p, 't> {
    fn new(plan: &'p Plan<'t>, emitter: &'a Emitter<'p, 't>) -> Self {
        let findings = Batch::new(Arc::new(tables::findings()));
        Self { plan, emitter, tables: emitter.batches(), findings }
    }

    fn add(&mut self, repetition: Done) {
        let (trial, replicate) = (self.plan.trial, repetition.replicate());
        let (emitter, tables) = (self.emitter, &mut self.tables);
        let keeps = !tables.is_empty();
        let keep = keeps.then_some((emitter, tables.as_mut_slice()));
        let found = repetition.findings(self.plan, keep);
        // A trial that is conducted once is told from all of them.
        let once = trial.simulation.replicates == 1;
        let all = once || trial.output.level > OutputLevel::Operating;
        let kept = found.iter().filter(|finding| all || Operating::takes(finding));
        add_findings(&mut self.findings, trial, replicate, kept);
    }

    fn into_tables(self) -> Vec<Batch> {
        let mut tables = self.tables;
        tables.push(self.findings);
        tables
    }
}

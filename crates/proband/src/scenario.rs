//! One trial of a run, as written or as a scenario makes it: what came of its shards.

use crate::findings_table;
use crate::{Failure, Result, manifest};
use proband_analysis::{
    Accumulator, Characteristic, Finding, Operating, Screening, TrueEffect, put_truth,
};
use proband_engine::tables::{Batch, TableId};
use proband_engine::{Cut, EnrolError, Enrolment, Plan, TruthError, Watch, true_effects};
use proband_store::{ExclusionCount, ParquetSink, Part, RunPlan};
use std::collections::{BTreeMap, BTreeSet};

/// What came of one trial of a run.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// The solver of each arm, and how it was chosen.
    pub(crate) methods: BTreeMap<String, String>,
    /// How many twins and participants.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Who was passed over and refused, by reason.
    pub(crate) refused: Vec<ExclusionCount>,
    /// Who was lost to the simulation, by arm.
    pub(crate) lost: Vec<ExclusionCount>,
    /// Of a trial that is not repeated.
    pub(crate) findings: Vec<Finding>,
    /// Of a trial that is repeated.
    pub(crate) operating: Vec<Characteristic>,
}

/// The shards of a run, to be analysed.
#[derive(Clone, Copy)]
pub(crate) struct Merge<'r, 't> {
    pub(crate) sink: &'r ParquetSink,
    pub(crate) planned: &'r RunPlan,
    pub(crate) plans: &'r [Plan<'t>],
    pub(crate) cut: Cut,
    /// Sees how far the true values are, and may stop them.
    pub(crate) watch: &'r dyn Watch,
}

impl<'t> Merge<'_, 't> {
    /// Analyses the trials of the run, one after the other.
    pub(crate) fn scenarios(&self) -> Result<Vec<Scenario>> {
        let of_part = |(plan, part): (&Plan<'t>, &Part)| match &part.enrolment {
            Some(enrolment) => self.once(plan, part, &enrolment.screening),
            None if plan.trial.simulation.replicates == 1 => {
                self.conducted(plan, &self.truth(plan)?, part.shards())
            }
            None => self.repeated(plan, part),
        };
        self.plans.iter().zip(&self.planned.parts).map(of_part).collect()
    }

    /// The same of the shards that are done so far: nothing is kept, and true values are not asked for.
    pub(crate) fn interim(&self, done: &BTreeSet<u32>) -> Result<Vec<Scenario>> {
        let of_part = |(plan, part): (&Plan<'t>, &Part)| {
            let shards = part.shards().filter(|shard| done.contains(shard));
            Ok(match &part.enrolment {
                Some(Enrolment { screening, .. }) => {
                    Scenario::once(plan, screening, self.findings(plan, screening, shards)?)
                }
                None if plan.trial.simulation.replicates == 1 => {
                    self.conducted(plan, &[], shards)?
                }
                None => Scenario::repeated(plan, &self.operating(plan, &[], shards)?),
            })
        };
        self.plans.iter().zip(&self.planned.parts).map(of_part).collect()
    }

    fn once(&self, plan: &Plan<'_>, part: &Part, screening: &Screening) -> Result<Scenario> {
        let mut findings = self.findings(plan, screening, part.shards())?;
        put_truth(&mut findings, &self.truth(plan)?);
        // The findings are a shard behind those of participants.
        keep(self.sink, part.shards().end, findings_table::batch(plan.trial, &findings))?;
        Ok(Scenario::once(plan, screening, findings))
    }

    fn repeated(&self, plan: &Plan<'t>, part: &Part) -> Result<Scenario> {
        let operating = self.operating(plan, &self.truth(plan)?, part.shards())?;
        Ok(Scenario::repeated(plan, &operating))
    }

    /// Findings from the columns of participants on disk, shard by shard.
    fn findings(
        &self,
        plan: &Plan<'_>,
        screening: &Screening,
        shards: impl IntoIterator<Item = u32>,
    ) -> Result<Vec<Finding>> {
        let source = self.sink.columns(shards)?;
        let sums = Accumulator::read(&plan.layout, &source).map_err(Failure::Columns)?;
        let found =
            proband_analysis::findings(&plan.layout, &sums, Some(screening), &source, 0);
        found.map_err(|error| Failure::Columns(error).into())
    }

    /// The true values of the estimands.
    fn truth(&self, plan: &Plan<'_>) -> Result<Vec<TrueEffect>> {
        let truth = true_effects(plan.trial, self.cut, self.watch);
        truth.map_err(|error| match error {
            TruthError::Interrupted | TruthError::Enrol(EnrolError::Interrupted) => {
                Failure::Interrupted.into()
            }
            other => Failure::Truth(other).into(),
        })
    }

    /// A trial with looks or an escalation, which was analysed as it went.
    fn conducted(
        &self,
        plan: &Plan<'t>,
        truth: &[TrueEffect],
        shards: impl IntoIterator<Item = u32>,
    ) -> Result<Scenario> {
        let mut findings = Vec::new();
        let mut operating = Operating::new(plan.trial);
        self.each(truth, shards, |found| {
            found.iter().for_each(|finding| operating.push(finding));
            findings.extend(found);
        })?;
        Ok(Scenario::once(plan, &operating.screening(), findings))
    }

    /// Characteristics from the findings of repetitions, shard by shard.
    fn operating(
        &self,
        plan: &Plan<'t>,
        truth: &[TrueEffect],
        shards: impl IntoIterator<Item = u32>,
    ) -> Result<Operating<'t>> {
        let mut operating = Operating::new(plan.trial);
        self.each(truth, shards, |found| {
            found.iter().for_each(|finding| operating.push(finding));
        })?;
        Ok(operating)
    }

    /// Gives the findings of repetitions to a reader, shard by shard.
    fn each(
        &self,
        truth: &[TrueEffect],
        shards: impl IntoIterator<Item = u32>,
        mut read: impl FnMut(Vec<Finding>),
    ) -> Result<()> {
        for shard in shards {
            let Some(table) = self.sink.table_of(shard, TableId::Findings)? else { continue };
            let mut found = findings_table::read(&table)?;
            put_truth(&mut found, truth);
            read(found);
        }
        Ok(())
    }
}

impl Scenario {
    fn once(plan: &Plan<'_>, screening: &Screening, findings: Vec<Finding>) -> Self {
        Self {
            methods: manifest::methods(plan),
            counts: manifest::counts(plan, screening),
            refused: manifest::refused(screening),
            lost: manifest::lost_by_arm(findings.iter().map(counted)),
            findings,
            operating: Vec::new(),
        }
    }

    fn repeated(plan: &Plan<'_>, operating: &Operating<'_>) -> Self {
        let screening = operating.screening();
        Self {
            methods: manifest::methods(plan),
            counts: manifest::counts(plan, &screening),
            refused: manifest::refused(&screening),
            lost: manifest::lost_by_arm(operating.totals()),
            findings: Vec::new(),
            operating: operating.characteristics(),
        }
    }
}

/// Keeps a table of results as a shard of its own. One that is there, from a merge that was killed, is
/// the same.
pub(crate) fn keep(sink: &ParquetSink, shard: u32, table: Batch) -> Result<()> {
    if sink.verify(shard)?.is_some() {
        sink.commit(shard, &[table], &[])?;
    }
    Ok(())
}

/// What a step of the disposition counts.
fn counted(finding: &Finding) -> (&Finding, u64) {
    (finding, finding.estimate.unwrap_or(0.0) as u64)
}

//! One trial of a run, as written or as a scenario makes it: simulated and analysed.

use crate::findings_table;
use crate::timer::Timer;
use crate::{Failure, Result, enrolling, manifest, plan};
use proband_analysis::{
    Accumulator, Characteristic, Finding, Operating, TrueEffect, put_truth,
};
use proband_engine::tables::{Batch, Sink, SinkError, TableId};
use proband_engine::{Cut, Enrolment, Plan, Watch, repeat, simulate, true_effects};
use proband_store::{ExclusionCount, ParquetSink};
use proband_trial::Trial;
use std::collections::BTreeMap;

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

/// The work of a run, trial by trial.
pub(crate) struct Work<'r> {
    pub(crate) sink: &'r ParquetSink,
    pub(crate) cut: Cut,
    pub(crate) watch: &'r dyn Watch,
    pub(crate) timer: &'r mut Timer,
    /// Shards of the trials so far.
    pub(crate) shards: u32,
    pub(crate) took: proband_engine::Work,
}

/// What was done; or, where somebody asked to stop, the shards of the trial, if they are known.
type Stopped<T> = std::result::Result<T, Option<u32>>;

impl Work<'_> {
    /// Simulates and analyses the next trial.
    pub(crate) fn scenario(&mut self, trial: &Trial) -> Result<Stopped<Scenario>> {
        let plan = plan(trial)?.cut(self.cut);
        self.timer.lap("prepare");
        match trial.simulation.replicates {
            1 => self.once(&plan),
            _ => self.repeated(&plan),
        }
    }

    fn once(&mut self, plan: &Plan<'_>) -> Result<Stopped<Scenario>> {
        let Some(enrolment) = enrolling::enrol(plan, self.watch)? else { return Ok(Err(None)) };
        self.timer.lap("enrol");
        let shards = enrolment.shards();
        let took = simulate(plan, &enrolment, &self.following(), self.watch)?;
        if took.interrupted {
            return Ok(Err(Some(shards)));
        }
        self.took.add(&took);
        self.timer.lap("simulate");
        let mut findings = self.analyse(plan, &enrolment)?;
        put_truth(&mut findings, &self.truth(plan)?);
        // The findings are a shard behind those of participants.
        let table = findings_table::batch(plan.trial, &findings);
        self.sink.commit(self.shards + shards, &[table], &[])?;
        self.shards += shards + 1;
        self.timer.lap("analyse");
        Ok(Ok(Scenario {
            methods: manifest::methods(plan),
            counts: manifest::counts(plan, &enrolment.screening),
            refused: manifest::refused(&enrolment.screening),
            lost: manifest::lost_by_arm(findings.iter().map(counted)),
            findings,
            operating: Vec::new(),
        }))
    }

    /// Findings from the columns on disk, shard by shard.
    fn analyse(&self, plan: &Plan<'_>, enrolment: &Enrolment) -> Result<Vec<Finding>> {
        let source = self.sink.columns(self.shards..self.shards + enrolment.shards());
        let sums = Accumulator::read(&plan.layout, &source).map_err(Failure::Columns)?;
        let found = proband_analysis::findings(
            &plan.layout,
            &sums,
            Some(&enrolment.screening),
            &source,
        );
        found.map_err(|error| Failure::Columns(error).into())
    }

    /// The true values of the estimands.
    fn truth(&self, plan: &Plan<'_>) -> Result<Vec<TrueEffect>> {
        true_effects(plan.trial, self.cut).map_err(|error| Failure::Truth(error).into())
    }

    fn repeated(&mut self, plan: &Plan<'_>) -> Result<Stopped<Scenario>> {
        let shards = plan.repetition_shards();
        let took = repeat(plan, &self.following(), self.watch)?;
        if took.interrupted {
            return Ok(Err(Some(shards)));
        }
        self.took.add(&took);
        self.timer.lap("simulate");
        let truth = self.truth(plan)?;
        let mut operating = Operating::new(plan.trial);
        for shard in self.shards..self.shards + shards {
            let mut found =
                findings_table::read(&self.sink.table_of(shard, TableId::Findings))?;
            put_truth(&mut found, &truth);
            found.iter().for_each(|finding| operating.push(finding));
        }
        self.shards += shards;
        self.timer.lap("analyse");
        let screening = operating.screening();
        Ok(Ok(Scenario {
            methods: manifest::methods(plan),
            counts: manifest::counts(plan, &screening),
            refused: manifest::refused(&screening),
            lost: manifest::lost_by_arm(operating.totals()),
            findings: Vec::new(),
            operating: operating.characteristics(),
        }))
    }

    /// The shards of the next trial stand behind those of the trials before it.
    fn following(&self) -> Following<'_> {
        Following { sink: self.sink, before: self.shards }
    }
}

/// What a step of the disposition counts.
fn counted(finding: &Finding) -> (&Finding, u64) {
    (finding, finding.estimate.unwrap_or(0.0) as u64)
}

/// A sink whose shards stand behind others.
struct Following<'r> {
    sink: &'r ParquetSink,
    before: u32,
}

impl Sink for Following<'_> {
    fn shard(
        &self,
        index: u32,
        tables: &[Batch],
        columns: &[&[f64]],
    ) -> std::result::Result<(), SinkError> {
        self.sink.shard(self.before + index, tables, columns)
    }

    fn has_shard(&self, index: u32) -> bool {
        self.sink.has_shard(self.before + index)
    }
}

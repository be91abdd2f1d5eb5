//! From the shards of a run to its findings, tables and summary.

use crate::identity::Identity;
use crate::reopening::Origin;
use crate::running::{cut, prepared, timings};
use crate::scenario::{Merge, Scenario, keep};
use crate::timer::Timer;
use crate::{Failure, Finished, Opened, Result, findings_table, manifest, reporting, summary};
use proband_analysis::Characteristic;
use proband_engine::tables::TableId;
use proband_engine::{Unwatched, Work};
use proband_kernel::Backend;
use proband_store::{Flaw, ParquetSink, RunFolder, RunPlan, StoreError, TableFile};
use proband_trial::OutputLevel;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// How the data of a run are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One file a table.
    Files,
    /// The files of the shards, where they are, and their list: `dataset.json`. Tables of results are one
    /// file all the same.
    Shards,
}

/// What a merge came to.
#[derive(Clone, Debug)]
pub enum Merged {
    /// The run is finished.
    Finished(Box<Finished>),
    /// Shards are missing or were damaged, by their numbers; they have to be done, and merged again.
    Incomplete {
        /// What is wrong with which shard.
        flaws: Vec<(u32, Flaw)>,
        /// Shards in all.
        of: u32,
    },
}

/// Merges the shards of a run that is planned, or finds it finished.
pub(crate) fn merge(path: &Path, form: Form, backend: Backend) -> Result<Merged> {
    backend.check().map_err(Failure::Backend)?;
    let mut timer = Timer::start();
    if RunFolder::at(path, "").manifest()?.is_some() {
        return Ok(Merged::Finished(Box::new(merged_before(path, form)?)));
    }
    let (folder, planned) = RunFolder::planned(path)?;
    let opened = Origin::of_planned(&planned).reopen(&folder)?;
    let identity = Identity::of(&opened);
    let sink = match ParquetSink::open(folder, identity.provenance()) {
        // Another merge is at it, and may end otherwise.
        Err(busy @ StoreError::Busy { .. }) => return Err(Failure::Store(busy).into()),
        other => other?,
    };
    let flaws = flaws(&sink, planned.shards())?;
    if !flaws.is_empty() {
        return Ok(Merged::Incomplete { flaws, of: planned.shards().count() as u32 });
    }
    timer.lap("verify");
    let trials = opened.trials();
    let plans = prepared(&trials, backend)?;
    let (cut, watch) = (cut(backend), &Unwatched);
    let merge = Merge { sink: &sink, planned: &planned, plans: &plans, cut, watch };
    let scenarios = merge.scenarios()?;
    timer.lap("analyse");
    let ready = Analysed { opened: &opened, identity: &identity, planned: &planned, scenarios };
    let finished = ready.finish(sink, form, |folder| {
        timer.lap("write");
        let timings = timings(timer, &Work::default(), backend);
        folder.write_timings(&timings).map_err(Into::into)
    })?;
    Ok(Merged::Finished(Box::new(finished)))
}

/// A run that is finished; what a merge that was killed left to do is done.
fn merged_before(path: &Path, form: Form) -> Result<Finished> {
    let (folder, manifest) = RunFolder::finished(path)?;
    folder.tidy()?;
    if form == Form::Files {
        folder.compact(manifest)?;
    }
    Finished::open(path)
}

/// What is wrong with some shards, by their numbers. Whoever goes on with a run reads it all once, and so
/// finds what a loss of power or a full disk left half-written; what is damaged is taken back.
pub(crate) fn flaws(
    sink: &ParquetSink,
    shards: impl Iterator<Item = u32>,
) -> Result<Vec<(u32, Flaw)>> {
    let shards: Vec<u32> = shards.collect();
    let verified =
        shards.par_iter().map(|&shard| Ok(sink.verify(shard)?.map(|flaw| (shard, flaw))));
    let found: Vec<Option<(u32, Flaw)>> = verified.collect::<Result<_>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// A run of which only the files are missing.
pub(crate) struct Analysed<'r, 't> {
    pub(crate) opened: &'r Opened,
    pub(crate) identity: &'r Identity<'t>,
    pub(crate) planned: &'r RunPlan,
    /// At least one.
    pub(crate) scenarios: Vec<Scenario>,
}

impl Analysed<'_, '_> {
    /// Writes all files, `run.json` last.
    pub(crate) fn finish(
        mut self,
        sink: ParquetSink,
        form: Form,
        before_the_last: impl FnOnce(&RunFolder) -> Result<()>,
    ) -> Result<Finished> {
        let operating = self.keep_operating(&sink)?;
        let shards = self.planned.end() + u32::from(!operating.is_empty());
        let mut first = self.scenarios.swap_remove(0);
        let exclusions = self.files_of(TableId::Exclusions, &sink)?;
        if !exclusions.is_empty() {
            first.lost = manifest::lost_by_reason(&exclusions)?;
        }
        let tables = self.tables(&sink, form, shards)?;
        let folder = sink.folder().clone();
        let findings = std::mem::take(&mut first.findings);
        let manifest = manifest::manifest(self.opened, self.identity, first, tables);
        let summary = summary::document(&manifest, &findings, &operating).to_markdown();
        folder.write_file("summary.md", summary.as_bytes())?;
        if self.opened.trial.output.report {
            let trial = &self.opened.trial;
            reporting::write(&folder, &manifest, &findings, &operating, trial)?;
        }
        before_the_last(&folder)?;
        sink.finish(&manifest)?;
        let folder = folder.path().into();
        Ok(Finished { folder, manifest, findings, operating, was_there: false })
    }

    /// The characteristics of all scenarios, which are a shard behind the others where there are some.
    fn keep_operating(&mut self, sink: &ParquetSink) -> Result<Vec<Characteristic>> {
        let of = |scenario: &mut Scenario| std::mem::take(&mut scenario.operating);
        let operating: Vec<Characteristic> = self.scenarios.iter_mut().flat_map(of).collect();
        if !operating.is_empty() {
            let table = findings_table::operating(&self.opened.trial.id, &operating);
            keep(sink, self.planned.end(), table)?;
        }
        Ok(operating)
    }

    fn files_of(&self, table: TableId, sink: &ParquetSink) -> Result<Vec<PathBuf>> {
        let files = self.planned.shards().map(|shard| Ok(sink.table_of(shard, table)?));
        Ok(files.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn tables(&self, sink: &ParquetSink, form: Form, shards: u32) -> Result<Vec<TableFile>> {
        let keeps_findings = self.opened.trial.output.level > OutputLevel::Operating;
        let is_kept = |table| table != TableId::Findings || keeps_findings;
        Ok(match form {
            Form::Files => sink.assemble(shards, is_kept)?,
            Form::Shards => sink.assemble_results(shards, is_kept)?,
        })
    }
}

//! One run, from an empty folder (or one that was left in the middle) to a finished one.

use crate::identity::Identity;
use crate::timer::Timer;
use crate::{Failure, Opened, Result, enrolling, findings_table, manifest, plan, summary};
use proband_analysis::{Accumulator, Finding};
use proband_engine::{Cut, Enrolment, Plan, Watch, Work, simulate};
use proband_kernel::Backend;
use proband_report::Document;
use proband_store::{ParquetSink, RunFolder, RunManifest, Standing, Timings};
use std::path::{Path, PathBuf};

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// With all its tables.
    Finished(Box<Finished>),
    /// Somebody asked it to stop. Running it again goes on from there.
    Interrupted {
        /// Its folder.
        folder: PathBuf,
        /// Shards that are done.
        done: u32,
        /// Shards in all; none while participants were still being enrolled.
        of: Option<u32>,
    },
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its folder.
    pub folder: PathBuf,
    /// What its `run.json` says.
    pub manifest: RunManifest,
    /// What it found.
    pub findings: Vec<Finding>,
    /// Whether it was there already, from before.
    pub was_there: bool,
}

impl Finished {
    /// The summary.
    #[must_use]
    pub fn summary(&self) -> Document {
        summary::document(&self.manifest, &self.findings)
    }

    /// A run that somebody names by its folder.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (folder, manifest) = RunFolder::finished(path)?;
        let findings = findings_table::read(&folder.table("findings"))?;
        Ok(Self { folder: path.into(), manifest, findings, was_there: true })
    }
}

/// Runs a trial below `outputs`, or goes on with it, or finds it finished.
pub(crate) fn run(
    opened: &Opened,
    backend: Backend,
    outputs: &Path,
    watch: &dyn Watch,
) -> Result<Ended> {
    backend.check().map_err(Failure::Backend)?;
    let identity = Identity::of(&opened.trial);
    let folder = RunFolder::below(outputs, &opened.trial.id, &identity.run);
    if let Standing::Finished(_) = folder.standing()? {
        return Ok(Ended::Finished(Box::new(Finished::open(folder.path())?)));
    }
    let mut timer = Timer::start();
    let plan = plan(&opened.trial)?.cut(Cut { backend: Some(backend), ..Cut::default() });
    let sink = ParquetSink::open(folder, identity.provenance())?;
    timer.lap("prepare");
    let Some(enrolment) = enrolling::enrol(&plan, watch)? else {
        return Ok(interrupted(&sink, None));
    };
    timer.lap("enrol");
    let work = simulate(&plan, &enrolment, &sink, watch)?;
    if work.interrupted {
        return Ok(interrupted(&sink, Some(enrolment.shards())));
    }
    timer.lap("simulate");
    let findings = analyse(&plan, &enrolment, &sink)?;
    timer.lap("analyse");
    let run = Simulated { opened, identity: &identity, plan: &plan, enrolment: &enrolment };
    let finished = run.write(findings, sink, |folder| {
        timer.lap("write");
        folder.write_timings(&timings(timer, &work, backend)).map_err(Into::into)
    })?;
    Ok(Ended::Finished(Box::new(finished)))
}

fn interrupted(sink: &ParquetSink, of: Option<u32>) -> Ended {
    let done = u32::try_from(sink.done()).unwrap_or(u32::MAX);
    Ended::Interrupted { folder: sink.folder().path().into(), done, of }
}

/// Findings from the columns on disk, shard by shard.
fn analyse(plan: &Plan<'_>, enrolment: &Enrolment, sink: &ParquetSink) -> Result<Vec<Finding>> {
    let source = sink.columns(enrolment.shards());
    let sums = Accumulator::read(&plan.layout, &source).map_err(Failure::Columns)?;
    let found =
        proband_analysis::findings(&plan.layout, &sums, Some(&enrolment.screening), &source);
    found.map_err(|error| Failure::Columns(error).into())
}

/// A run of which only the files are missing.
struct Simulated<'r, 't> {
    opened: &'r Opened,
    identity: &'r Identity<'t>,
    plan: &'r Plan<'t>,
    enrolment: &'r Enrolment,
}

impl Simulated<'_, '_> {
    /// Writes all files, `run.json` last. The findings are a shard behind the others.
    fn write(
        &self,
        findings: Vec<Finding>,
        sink: ParquetSink,
        before_the_last: impl FnOnce(&RunFolder) -> Result<()>,
    ) -> Result<Finished> {
        let shards = self.enrolment.shards();
        let table = findings_table::batch(&self.opened.trial.id, &findings);
        sink.commit(shards, &[table], &[])?;
        let tables = sink.assemble(shards + 1)?;
        let folder = sink.folder().clone();
        let screening = &self.enrolment.screening;
        let exclusions = manifest::exclusions(screening, &tables, &folder, &findings)?;
        let (opened, identity, plan) = (self.opened, self.identity, self.plan);
        let manifest =
            manifest::manifest(opened, identity, plan, screening, exclusions, tables);
        for (copy, text) in identity.copies() {
            folder.write_file(copy, text.as_bytes())?;
        }
        let summary = summary::document(&manifest, &findings).to_markdown();
        folder.write_file("summary.md", summary.as_bytes())?;
        before_the_last(&folder)?;
        sink.finish(&manifest)?;
        Ok(Finished { folder: folder.path().into(), manifest, findings, was_there: false })
    }
}

fn timings(timer: Timer, work: &Work, backend: Backend) -> Timings {
    let statistics = &work.statistics;
    let solver = [
        ("steps", statistics.accepted),
        ("rejected", statistics.rejected),
        ("failures", statistics.failures),
    ];
    Timings {
        threads: rayon::current_num_threads(),
        back_end: backend.name().to_owned(),
        seconds: timer.into_laps(),
        solver: solver.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
    }
}

//! One run, from an empty folder (or one that was left in the middle) to a finished one.

use crate::identity::Identity;
use crate::scenario::{Scenario, Work};
use crate::timer::Timer;
use crate::{Failure, Opened, Result, findings_table, manifest, summary};
use proband_analysis::{Characteristic, Finding};
use proband_engine::tables::TableId;
use proband_engine::{Cut, Watch};
use proband_kernel::Backend;
use proband_report::Document;
use proband_store::{ParquetSink, RunFolder, RunManifest, Standing, Timings};
use proband_trial::OutputLevel;
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
        /// Shards in all; none while participants were still being enrolled, or where scenarios were
        /// still to come.
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
    /// What it found; of several scenarios the first. Nothing of a trial that was repeated, whose
    /// findings are in the table.
    pub findings: Vec<Finding>,
    /// Its characteristics over repetitions, scenario by scenario; nothing of a trial that was not
    /// repeated.
    pub operating: Vec<Characteristic>,
    /// Whether it was there already, from before.
    pub was_there: bool,
}

impl Finished {
    /// The summary.
    #[must_use]
    pub fn summary(&self) -> Document {
        summary::document(&self.manifest, &self.findings, &self.operating)
    }

    /// A run that somebody names by its folder.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (folder, manifest) = RunFolder::finished(path)?;
        let (findings, operating) = match manifest.replicates {
            1 => (findings_table::read_first(&folder.table("findings"))?, Vec::new()),
            _ => (Vec::new(), findings_table::read_operating(&folder.table("operating"))?),
        };
        Ok(Self { folder: path.into(), manifest, findings, operating, was_there: true })
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
    let identity = Identity::of(opened);
    let folder = RunFolder::below(outputs, &opened.trial.id, &identity.run);
    if let Standing::Finished(_) = folder.standing()? {
        return Ok(Ended::Finished(Box::new(Finished::open(folder.path())?)));
    }
    let mut timer = Timer::start();
    let sink = ParquetSink::open(folder, identity.provenance())?;
    timer.lap("prepare");
    let trials = opened.trials();
    let mut work = Work {
        sink: &sink,
        cut: Cut { backend: Some(backend), ..Cut::default() },
        watch,
        timer: &mut timer,
        shards: 0,
        took: Default::default(),
    };
    let mut scenarios = Vec::new();
    for trial in &trials {
        match work.scenario(trial)? {
            Ok(scenario) => scenarios.push(scenario),
            Err(shards) => return Ok(interrupted(&sink, shards.filter(|_| trials.len() == 1))),
        }
    }
    let (shards, took) = (work.shards, work.took);
    let run = Simulated { opened, identity: &identity, scenarios, shards };
    let finished = run.write(sink, |folder| {
        timer.lap("write");
        folder.write_timings(&timings(timer, &took, backend)).map_err(Into::into)
    })?;
    Ok(Ended::Finished(Box::new(finished)))
}

fn interrupted(sink: &ParquetSink, of: Option<u32>) -> Ended {
    let done = u32::try_from(sink.done()).unwrap_or(u32::MAX);
    Ended::Interrupted { folder: sink.folder().path().into(), done, of }
}

/// A run of which only the files are missing.
struct Simulated<'r, 't> {
    opened: &'r Opened,
    identity: &'r Identity<'t>,
    /// At least one.
    scenarios: Vec<Scenario>,
    shards: u32,
}

impl Simulated<'_, '_> {
    /// Writes all files, `run.json` last.
    fn write(
        mut self,
        sink: ParquetSink,
        before_the_last: impl FnOnce(&RunFolder) -> Result<()>,
    ) -> Result<Finished> {
        let operating = self.commit_operating(&sink)?;
        let keeps_findings = self.opened.trial.output.level > OutputLevel::Operating;
        let is_kept = |table| table != TableId::Findings || keeps_findings;
        let tables = sink.assemble(self.shards, is_kept)?;
        let folder = sink.folder().clone();
        let mut first = self.scenarios.swap_remove(0);
        let findings = std::mem::take(&mut first.findings);
        let manifest = manifest::manifest(self.opened, self.identity, first, tables, &folder)?;
        for (copy, text) in self.identity.copies() {
            folder.write_file(copy, text.as_bytes())?;
        }
        let summary = summary::document(&manifest, &findings, &operating).to_markdown();
        folder.write_file("summary.md", summary.as_bytes())?;
        before_the_last(&folder)?;
        sink.finish(&manifest)?;
        let folder = folder.path().into();
        Ok(Finished { folder, manifest, findings, operating, was_there: false })
    }

    /// The characteristics of all scenarios, which are a shard behind the others where there are some.
    fn commit_operating(&mut self, sink: &ParquetSink) -> Result<Vec<Characteristic>> {
        let of = |scenario: &mut Scenario| std::mem::take(&mut scenario.operating);
        let operating: Vec<Characteristic> = self.scenarios.iter_mut().flat_map(of).collect();
        if !operating.is_empty() {
            let table = findings_table::operating(&self.opened.trial.id, &operating);
            sink.commit(self.shards, &[table], &[])?;
            self.shards += 1;
        }
        Ok(operating)
    }
}

fn timings(timer: Timer, took: &proband_engine::Work, backend: Backend) -> Timings {
    let statistics = &took.statistics;
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

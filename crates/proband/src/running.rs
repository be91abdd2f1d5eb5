//! One run, from an empty folder (or one that was left in the middle) to a finished one.

use crate::identity::Identity;
use crate::merging::{Analysed, Form, flaws};
use crate::scenario::Merge;
use crate::timer::Timer;
use crate::working::{Share, work};
use crate::{Error, Failure, Opened, Result, findings_table, plan, planning, summary};
use proband_analysis::{Characteristic, Finding};
use proband_engine::tables::{Sink, TableId};
use proband_engine::{Cut, Plan, Watch};
use proband_kernel::Backend;
use proband_report::Document;
use proband_store::{ParquetSink, RunFolder, RunManifest, RunPlan, Standing, Timings};
use proband_trial::Trial;
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

    /// The tables that it kept, by name, each with its Parquet files in the order of the rows.
    ///
    /// # Errors
    /// When the list of the files cannot be read.
    pub fn tables(&self) -> Result<Vec<(String, Vec<PathBuf>)>> {
        let (folder, _) = RunFolder::finished(&self.folder)?;
        let all = TableId::ALL.into_iter().map(TableId::name);
        let all = all.map(|name| Ok((name.to_owned(), folder.files_of(name)?)));
        let kept = |table: &Result<(String, Vec<PathBuf>)>| !matches!(table, Ok((_, files)) if files.is_empty());
        all.filter(kept).collect()
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

/// Runs a trial below `outputs`, or goes on with it, or finds it finished: plans it, does all its shards,
/// and merges them.
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
    let trials = opened.trials();
    let plans = prepared(&trials, backend)?;
    timer.lap("prepare");
    let planned = planning::plan_parts(opened, &identity, &plans, &sink, watch)?;
    let Some(planned) = planned else {
        return Ok(Ended::Interrupted {
            folder: sink.folder().path().into(),
            done: 0,
            of: None,
        });
    };
    flaws(&sink, planned.shards().filter(|&shard| sink.has_shard(shard)))?;
    timer.lap("enrol");
    let took = work(&plans, &planned, &sink, Share::ALL, watch)?;
    if took.interrupted {
        return Ok(interrupted(&sink, &planned));
    }
    timer.lap("simulate");
    let cut = cut(backend);
    let merge = Merge { sink: &sink, planned: &planned, plans: &plans, cut, watch };
    let scenarios = match merge.scenarios() {
        Err(Error::Failed(Failure::Interrupted)) => return Ok(interrupted(&sink, &planned)),
        analysed => analysed?,
    };
    timer.lap("analyse");
    let ready = Analysed { opened, identity: &identity, planned: &planned, scenarios };
    let finished = ready.finish(sink, Form::Files, |folder| {
        timer.lap("write");
        folder.write_timings(&timings(timer, &took, backend)).map_err(Into::into)
    })?;
    Ok(Ended::Finished(Box::new(finished)))
}

/// The trials of a run, ready to be simulated.
pub(crate) fn prepared<'t>(trials: &'t [Trial], backend: Backend) -> Result<Vec<Plan<'t>>> {
    trials.iter().map(|trial| Ok(plan(trial)?.cut(cut(backend)))).collect()
}

pub(crate) fn cut(backend: Backend) -> Cut {
    Cut { backend: Some(backend), ..Cut::default() }
}

fn interrupted(sink: &ParquetSink, planned: &RunPlan) -> Ended {
    let count = |shards: &mut dyn Iterator<Item = u32>| shards.count() as u32;
    let done = count(&mut planned.shards().filter(|&shard| sink.has_shard(shard)));
    let of = Some(count(&mut planned.shards()));
    Ended::Interrupted { folder: sink.folder().path().into(), done, of }
}

pub(crate) fn timings(timer: Timer, took: &proband_engine::Work, backend: Backend) -> Timings {
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

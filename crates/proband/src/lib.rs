//! Virtual clinical trial cohorts: open a trial, check it, run it, read what came of it.
//!
//! This page is the whole pipeline; each step is a room of its own.
//!
//! ```no_run
//! use proband::{Ended, Unwatched};
//! use std::path::Path;
//!
//! let trial = proband::open("trials/trinity.toml", &[])?;
//! println!("{} rows", proband::check(&trial)?.tables.iter().map(|table| table.rows).sum::<u64>());
//! if let Ended::Finished(run) = proband::run(&trial, Path::new("outputs"), &Unwatched)? {
//!     println!("{}", run.summary().to_text());
//! }
//! # Ok::<(), proband::Error>(())
//! ```

mod analysing;
mod asking;
mod checking;
mod enrolling;
mod error;
mod findings_table;
mod identity;
mod inputs;
mod manifest;
mod merging;
mod models;
mod opening;
mod pilot;
mod planning;
mod reopening;
mod replaying;
mod reporting;
mod running;
mod scenario;
mod sizing;
mod submitting;
mod summary;
mod threads;
mod timer;
mod watching;
mod working;

pub use analysing::Analysed;
pub use checking::Estimate;
pub use error::{Error, Failure, Faulty, Result};
pub use identity::VERSION;
pub use merging::{Form, Merged};
pub use models::{Declared, Listed, ModelCard};
pub use opening::Opened;
pub use pilot::TableEstimate;
pub use planning::Planned;
pub use proband_analysis::{
    COLUMNS, Category, Cell, Characteristic, Finding, Measure, StatisticName,
};
pub use proband_cluster::{Environment, Place, ranges};
pub use proband_diag::{Code, Diagnostic, Explanation, Faults, Sources, Style, catalogue};
pub use proband_engine::{
    Replay, ReplayDose, ReplayEvent, ReplayRecord, Trajectory, TwinKey, Unwatched, Watch,
};
pub use proband_export::{ExportForm, Exported};
pub use proband_kernel::{Backend, BackendRefusal};
pub use proband_report::{Align, Block, Document, Table};
#[cfg(feature = "stream")]
pub use proband_store::{ArrowStream, arrow_stream};
pub use proband_store::{ExclusionCount, Flaw, RunManifest, TableFile, row_count};
pub use proband_trial::{Override, STARTER, Trial};
pub use replaying::Replayed;
pub use running::{Ended, Finished};
pub use sizing::{Batch, SizeAnswer, SizeQuestion};
pub use submitting::{Engine, Submission, Submitted};
pub use threads::on_threads;
pub use watching::Status;
pub use working::{Share, Worked};

use proband_engine::Plan;
use std::path::{Path, PathBuf};

/// Reads a trial file with the models and tables it names, and lays changes over it.
///
/// # Errors
/// All faults of all files, at once.
pub fn open(path: &str, overrides: &[Override]) -> Result<Opened> {
    opening::open(path, overrides, &inputs::Inputs)
}

/// Says what a run will leave and take: it runs a few participants, and writes nothing.
///
/// # Errors
/// What stands in the way of running the trial.
pub fn check(trial: &Opened) -> Result<Estimate> {
    checking::check(trial)
}

/// Runs a trial below the folder `outputs`: enrols, simulates, analyses, writes. Goes on with a run that
/// was left in the middle, and finds one that is finished.
///
/// # Errors
/// What stands in the way of running the trial or of writing its tables. What was done stays done.
pub fn run(trial: &Opened, outputs: &Path, watch: &dyn Watch) -> Result<Ended> {
    running::run(trial, Backend::detect(), outputs, watch)
}

/// Runs a trial as [`run`] does, its models on a back end of choice instead of the fastest. What comes out
/// has the same bits.
///
/// # Errors
/// Those of [`run`], and when this machine cannot use the back end.
pub fn run_on(
    backend: Backend,
    trial: &Opened,
    outputs: &Path,
    watch: &dyn Watch,
) -> Result<Ended> {
    running::run(trial, backend, outputs, watch)
}

/// Plans a run in a folder of its own, for others to work on: enrols, cuts the work into shards, and keeps
/// copies of all inputs. Nothing where `watch` asked to stop. A run that is planned stays as it is.
///
/// # Errors
/// What stands in the way of running the trial, or when the folder holds something else.
pub fn plan_run(trial: &Opened, folder: &Path, watch: &dyn Watch) -> Result<Option<Planned>> {
    planning::plan_run(trial, folder, watch)
}

/// Does a share of the shards of a run that is planned, whatever other processes do at the same time.
///
/// # Errors
/// When the folder holds no run of this version, or shards cannot be written. What was done stays done.
pub fn work_on(
    folder: &Path,
    share: Share,
    backend: Backend,
    watch: &dyn Watch,
) -> Result<Worked> {
    working::work_on(folder, share, backend, watch)
}

/// Merges a run that was planned and worked on: verifies every shard, analyses, and leaves the findings and
/// the summary that [`run`] leaves, to the byte, and in the form of files all else as well.
///
/// # Errors
/// When the folder holds no run of this version, or files cannot be read or written.
pub fn merge(folder: &Path, form: Form, backend: Backend) -> Result<Merged> {
    merging::merge(folder, form, backend)
}

/// How far a run is that is planned.
///
/// # Errors
/// When there is no such run.
pub fn status(folder: &Path) -> Result<Status> {
    watching::status(folder)
}

/// What came so far of a run that is planned: the summary of a run of the shards that are done, with the
/// standard errors of so many. Nothing where none is done.
///
/// # Errors
/// When there is no such run of this version, or files cannot be read.
pub fn interim(folder: &Path, backend: Backend) -> Result<Option<Document>> {
    watching::interim(folder, backend)
}

/// Submits what is left of a run that is planned: how many tasks, is worked out from a pilot shard, which is
/// done. A dry run writes and starts nothing else. [`Engine::Local`] waits until its tasks have ended.
///
/// # Errors
/// When there is no such run, nothing is left to do, what is wanted makes no sense, or the scheduler refuses.
pub fn submit(folder: &Path, wanted: &Submission, dry_run: bool) -> Result<Submitted> {
    submitting::submit(folder, wanted, dry_run)
}

/// Submits what is left of a run again, as it was submitted before.
///
/// # Errors
/// Those of [`submit`], and when it was not submitted before.
pub fn resubmit(folder: &Path) -> Result<Submitted> {
    submitting::resubmit(folder)
}

/// Reads a finished run by its folder.
///
/// # Errors
/// When the folder holds no finished run, or one that cannot be read.
pub fn finished(folder: &Path) -> Result<Finished> {
    Finished::open(folder)
}

/// Analyses data that exist by a plan: tables of a real trial in ADaM's form (CSV or Parquet files), or
/// the folder of a finished run. The analyses are those that a run makes, by the same code.
///
/// # Errors
/// All faults of the plan and the data, at once.
pub fn analyse(data: &[PathBuf], plan: &str) -> Result<Analysed> {
    analysing::analyse(data, plan)
}

/// Writes the tables of a finished run in a format of other tools to the folder `out`, by default one of the
/// format's name below `export` in the folder of the run. A DuckDB file is made by `duckdb`, the program or
/// a Python that has the package, by default the first that is found.
///
/// # Errors
/// When there is no finished run, when a file cannot be written, and when there is no DuckDB.
pub fn export(
    folder: &Path,
    form: ExportForm,
    out: Option<&Path>,
    duckdb: Option<&Path>,
) -> Result<Exported> {
    let usual = folder.join("export").join(form.name());
    Ok(proband_export::export(folder, form, out.unwrap_or(&usual), duckdb)?)
}

/// Writes one self-contained HTML page of a finished run into its folder, from the tables and the copies of the
/// inputs that are in it, and says where it is. The same run gives the same bytes.
///
/// # Errors
/// When the folder holds no finished run, a table cannot be read, or the page cannot be written.
pub fn report(folder: &Path) -> Result<PathBuf> {
    reporting::report(folder)
}

/// Writes one HTML page that puts finished runs side by side: what differs between them, and what each found.
///
/// # Errors
/// When a folder holds no finished run, or the page cannot be written.
pub fn compare(folders: &[PathBuf], file: &Path) -> Result<()> {
    reporting::compare(folders, file)
}

/// Simulates one participant of a finished run again, to the same bits, from the copies of the inputs
/// that the run keeps. `arm` is the id of an arm, and may be one that randomisation did not give the
/// twin; `every` is the time between the rows, such as `6 h`, by default such that there are about 100.
///
/// # Errors
/// When there is no such run, twin or arm, or when the run was made by another version.
pub fn replay(
    folder: &Path,
    twin: TwinKey,
    arm: &str,
    every: Option<&str>,
) -> Result<Replayed> {
    replaying::replay(folder, twin, arm, every)
}

/// Finds the number of participants that gives a hypothesis of a trial its power, by simulation. Nothing is
/// written; the same question has the same answer, on any number of threads.
///
/// # Errors
/// What stands in the way of opening or simulating the trial; a hypothesis that it does not test; a power
/// that is not between its level and 1; and when no size reaches the power.
pub fn size(
    path: &str,
    overrides: &[Override],
    asked: &SizeQuestion,
    watch: &dyn Watch,
) -> Result<SizeAnswer> {
    sizing::size(path, overrides, asked, watch)
}

/// The model files of a folder.
///
/// # Errors
/// When the folder cannot be read; what is wrong with a model stands in its place of the list.
pub fn models(folder: &Path) -> Result<Vec<Listed>> {
    models::list(folder)
}

/// What one model declares.
///
/// # Errors
/// All faults of the file.
pub fn model(file: &Path) -> Result<ModelCard> {
    models::show(file)
}

/// Writes a commented trial to start from, which runs as it stands.
///
/// # Errors
/// When there is a file already, or it cannot be written.
pub fn start(file: &Path) -> Result<()> {
    asking::start(file)
}

/// What a code of a fault means.
///
/// # Errors
/// When there is no such code.
pub fn explain(code: &str) -> Result<&'static Explanation> {
    asking::explain(code)
}

/// Makes a trial ready to run; what only shows then is the trial's fault too.
fn plan(trial: &Trial) -> Result<Plan<'_>> {
    Plan::new(trial).map_err(|errors| error::plan_faults(errors).into())
}

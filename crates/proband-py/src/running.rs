//! The functions of the package.

use crate::error::{Failed, raised};
use crate::overrides::overrides;
use crate::python;
use crate::run::{Analysis, Run};
use crate::table::Table;
use proband::{Ended, Error, Opened, TwinKey, Watch};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::json;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long Python's own handlers of signals wait while something runs.
const SIGNALS: Duration = Duration::from_millis(20);

#[pyfunction]
#[pyo3(signature = (trial, *, seed=None, participants=None, set=None, scenarios=vec![], out="outputs".into(), threads=None))]
#[expect(clippy::too_many_arguments, reason = "they are the keywords of the Python function")]
pub(crate) fn run(
    py: Python<'_>,
    trial: PathBuf,
    seed: Option<u64>,
    participants: Option<u64>,
    set: Option<&Bound<'_, PyDict>>,
    scenarios: Vec<String>,
    out: PathBuf,
    threads: Option<NonZeroUsize>,
) -> PyResult<Run> {
    let opened = open(py, &trial, seed, participants, set)?;
    let opened = opened.only(&scenarios).map_err(|error| raised(py, &error))?;
    let ended = stoppable(py, |stop| {
        proband::on_threads(threads, || proband::run(&opened, &out, &Stopped(stop)))
    })?;
    match ended {
        Ended::Finished(finished) => Ok(Run(*finished)),
        Ended::Interrupted { .. } => Err(PyKeyboardInterrupt::new_err(())),
    }
}

#[pyfunction]
#[pyo3(signature = (trial, *, seed=None, participants=None, set=None, threads=None))]
pub(crate) fn check<'py>(
    py: Python<'py>,
    trial: PathBuf,
    seed: Option<u64>,
    participants: Option<u64>,
    set: Option<&Bound<'py, PyDict>>,
    threads: Option<NonZeroUsize>,
) -> PyResult<Bound<'py, PyAny>> {
    let opened = open(py, &trial, seed, participants, set)?;
    let estimate = py.detach(|| proband::on_threads(threads, || proband::check(&opened)));
    python(py, &json!(estimate.map_err(|error| raised(py, &error))?))
}

#[pyfunction]
pub(crate) fn finished(py: Python<'_>, folder: PathBuf) -> PyResult<Run> {
    proband::finished(&folder).map(Run).map_err(|error| raised(py, &error))
}

/// A run, or its folder.
#[derive(FromPyObject)]
pub(crate) enum RunOrFolder<'py> {
    Run(PyRef<'py, Run>),
    Folder(PathBuf),
}

#[pyfunction]
#[pyo3(signature = (run, twin, arm, every=None, *, replicate=NonZeroU32::MIN))]
pub(crate) fn replay<'py>(
    py: Python<'py>,
    run: RunOrFolder<'py>,
    twin: u64,
    arm: String,
    every: Option<String>,
    replicate: NonZeroU32,
) -> PyResult<Bound<'py, PyAny>> {
    let folder = match &run {
        RunOrFolder::Run(run) => run.path().to_owned(),
        RunOrFolder::Folder(folder) => folder.clone(),
    };
    let twin = TwinKey { replicate: replicate.get() - 1, number: twin };
    let replayed = py.detach(|| proband::replay(&folder, twin, &arm, every.as_deref()));
    python(py, &replayed.map_err(|error| raised(py, &error))?.to_json())
}

/// Files, or one of them.
#[derive(FromPyObject)]
pub(crate) enum Files {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

#[pyfunction]
#[pyo3(signature = (data, plan, *, out="outputs".into()))]
pub(crate) fn analyse(
    py: Python<'_>,
    data: Files,
    plan: PathBuf,
    out: PathBuf,
) -> PyResult<Analysis> {
    let data = match data {
        Files::One(file) => vec![file],
        Files::Several(files) => files,
    };
    let analysed = py.detach(|| {
        let analysed = proband::analyse(&data, &plan.to_string_lossy())?;
        let folder = analysed.write(&out)?;
        Ok((analysed, folder))
    });
    let (analysed, folder) = analysed.map_err(|error: Error| raised(py, &error))?;
    Ok(Analysis {
        summary: analysed.summary().to_text(),
        findings: Table {
            name: "findings".to_owned(),
            files: vec![folder.join("findings.parquet")],
        },
        folder: folder.display().to_string(),
        notes: analysed.notes,
    })
}

#[pyfunction]
#[pyo3(signature = (folder="trials/models".into()))]
pub(crate) fn models(py: Python<'_>, folder: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let listed = proband::models(&folder).map_err(|error| raised(py, &error))?;
    let all: serde_json::Value = listed.iter().map(proband::Listed::to_json).collect();
    python(py, &all)
}

#[pyfunction]
pub(crate) fn model(py: Python<'_>, file: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    python(py, &json!(proband::model(&file).map_err(|error| raised(py, &error))?))
}

fn open(
    py: Python<'_>,
    trial: &Path,
    seed: Option<u64>,
    participants: Option<u64>,
    set: Option<&Bound<'_, PyDict>>,
) -> PyResult<Opened> {
    let changes = overrides(set, seed, participants)?;
    proband::open(&trial.to_string_lossy(), &changes).map_err(|error| raised(py, &error))
}

/// Stops a run when it is asked to.
struct Stopped<'a>(&'a AtomicBool);

impl Watch for Stopped<'_> {
    fn stop(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Works on a thread of its own, without Python's lock. Python hears signals on its main thread alone, which
/// therefore waits here; Ctrl-C asks the work to stop, and is raised when it has.
fn stoppable<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> proband::Result<T> + Send,
) -> PyResult<T> {
    let (stop, waiting) = (AtomicBool::new(false), thread::current());
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let done = work(&stop);
            waiting.unpark();
            done
        });
        let mut heard = Ok(());
        while !worker.is_finished() {
            py.detach(|| thread::park_timeout(SIGNALS));
            if let Err(signal) = py.check_signals() {
                stop.store(true, Ordering::Relaxed);
                heard = Err(signal);
            }
        }
        let done = worker.join().map_err(|_| Failed::new_err("the run broke off"))?;
        heard.and(done.map_err(|error| raised(py, &error)))
    })
}

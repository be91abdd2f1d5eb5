//! The plan of a run: who is enrolled, and into which shards the work is cut.

use crate::identity::{Identity, VERSION};
use crate::running::prepared;
use crate::{Opened, Result, enrolling, manifest};
use proband_engine::{Plan, Watch};
use proband_kernel::Backend;
use proband_store::{ParquetSink, Part, RunFolder, RunPlan, Standing};
use std::path::{Path, PathBuf};

/// The version of the form of `plan.json`.
const FORM: u32 = 1;

/// A run that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its folder.
    pub folder: PathBuf,
    /// Its id.
    pub run: String,
    /// Shards to simulate, which any number of workers can share.
    pub shards: u32,
    /// Whether it was planned, or even finished, before.
    pub was_there: bool,
}

/// Plans a run in a folder of its own; none if `watch` asked to stop.
pub(crate) fn plan_run(
    opened: &Opened,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<Option<Planned>> {
    let identity = Identity::of(opened);
    let folder = RunFolder::at(folder, &identity.run);
    let planned = |shards, was_there| Planned {
        folder: folder.path().into(),
        run: identity.run.clone(),
        shards,
        was_there,
    };
    if let Standing::Finished(_) = folder.standing()? {
        return Ok(Some(planned(0, true)));
    }
    let sink = ParquetSink::open(folder.clone(), identity.provenance())?;
    let was_there = folder.plan()?.is_some();
    let trials = opened.trials();
    let plans = prepared(&trials, Backend::detect())?;
    let plan = plan_parts(opened, &identity, &plans, &sink, watch)?;
    Ok(plan.map(|plan| planned(plan.shards().count() as u32, was_there)))
}

/// Enrols the trials of a run, keeps copies of its inputs and writes its plan, unless it has one; none if
/// `watch` asked to stop.
pub(crate) fn plan_parts(
    opened: &Opened,
    identity: &Identity<'_>,
    plans: &[Plan<'_>],
    sink: &ParquetSink,
    watch: &dyn Watch,
) -> Result<Option<RunPlan>> {
    let folder = sink.folder();
    if let Some(planned) = folder.plan()? {
        return Ok(Some(planned));
    }
    let mut parts: Vec<Part> = Vec::new();
    for plan in plans {
        let first = parts.last().map_or(0, Part::end);
        let Some(part) = part(plan, first, watch)? else { return Ok(None) };
        parts.push(part);
    }
    let planned = RunPlan {
        form: FORM,
        run: identity.run.clone(),
        trial: opened.trial.id.clone(),
        version: VERSION.to_owned(),
        seed: opened.trial.simulation.seed,
        inputs: identity.files.clone(),
        overrides: manifest::overrides(opened),
        picked: opened.picked.clone(),
        parts,
    };
    for (copy, text) in identity.copies() {
        folder.write_file(copy, text.as_bytes())?;
    }
    folder.write_plan(&planned)?;
    Ok(Some(planned))
}

/// Repetitions need no plan but their number: each enrols by itself, as does a trial whose course depends on
/// what is seen.
fn part(plan: &Plan<'_>, first: u32, watch: &dyn Watch) -> Result<Option<Part>> {
    let scenario = plan.trial.scenario.clone();
    if plan.trial.simulation.replicates > 1 || plan.trial.adaptive.is_any() {
        let shards = plan.repetition_shards();
        return Ok(Some(Part { scenario, first, shards, enrolment: None }));
    }
    let enrolment = enrolling::enrol(plan, watch)?;
    Ok(enrolment.map(|enrolment| {
        let shards = enrolment.shards();
        Part { scenario, first, shards, enrolment: Some(enrolment) }
    }))
}

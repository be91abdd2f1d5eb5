//! `run.json`: all that a run was made from, and what came of it in numbers.

use crate::identity::{Identity, VERSION};
use crate::scenario::Scenario;
use crate::{Failure, Opened, Result};
use proband_analysis::{Finding, Screening};
use proband_engine::Plan;
use proband_ode::Method;
use proband_store::{ExclusionCount, Override, RunManifest, TableFile, Tally, tally};
use proband_trial::{OutputLevel, Trial};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The version of the form of `run.json`.
const FORM: u32 = 1;

/// Participants lost to the simulation are counted under this stage.
const SIMULATION: &str = "simulation";

/// The step of the disposition that counts those.
const MODEL_FAILED: &str = "model failed";

/// The manifest of a run with its tables. `first` is what came of its first trial.
pub(crate) fn manifest(
    opened: &Opened,
    identity: &Identity<'_>,
    first: Scenario,
    tables: Vec<TableFile>,
) -> RunManifest {
    let (trial, lost) = (&opened.trial, first.lost);
    let failed = lost.iter().map(|lost| lost.count).sum();
    let exclusions = first.refused.into_iter().chain(lost);
    RunManifest {
        form: FORM,
        run: identity.run.clone(),
        trial: trial.id.clone(),
        title: trial.title.clone(),
        about: about(trial),
        arms: trial.arms.iter().map(|arm| arm.title.clone()).collect(),
        version: VERSION.to_owned(),
        seed: trial.simulation.seed,
        replicates: trial.simulation.replicates,
        scenarios: opened.scenarios().map(|scenario| scenario.scenario.clone()).collect(),
        level: level(trial.output.level).to_owned(),
        inputs: identity.files.clone(),
        overrides: overrides(opened),
        defaults: trial.defaults.iter().cloned().collect(),
        methods: first.methods,
        counts: first.counts.into_iter().chain([("failed".to_owned(), failed)]).collect(),
        exclusions: exclusions.filter(|excluded| excluded.count > 0).collect(),
        tables,
    }
}

/// What is laid over the trial file.
pub(crate) fn overrides(opened: &Opened) -> Vec<Override> {
    let change = |of: &proband_trial::Override| Override {
        path: of.path.clone(),
        value: of.value.clone(),
    };
    opened.overrides.iter().map(change).collect()
}

fn about(trial: &Trial) -> BTreeMap<String, String> {
    let said = [
        ("phase", &trial.phase),
        ("indication", &trial.indication),
        ("registry", &trial.registry),
        ("source", &trial.source),
    ];
    let told = |(name, text): (&str, &Option<String>)| Some((name.to_owned(), text.clone()?));
    said.into_iter().filter_map(told).collect()
}

pub(crate) fn level(level: OutputLevel) -> &'static str {
    match level {
        OutputLevel::Operating => "operating",
        OutputLevel::Findings => "findings",
        OutputLevel::Participants => "participants",
        OutputLevel::Records => "records",
        OutputLevel::Truth => "truth",
    }
}

/// The solver of each arm, and how it was chosen.
pub(crate) fn methods(plan: &Plan<'_>) -> BTreeMap<String, String> {
    let words = plan.methods().into_iter().map(|(arm, chosen)| {
        let Some(chosen) = chosen else { return (arm, "nothing to integrate".to_owned()) };
        let method = match chosen.method {
            Some(Method::Tsit5) => "tsit5",
            Some(Method::Rodas5P) => "rodas5p",
            Some(Method::Exact) => "exact (exponential of the matrix)",
            None => "exact",
        };
        let how = if chosen.by_pilot { " (chosen by a pilot)" } else { "" };
        let beside = match (chosen.method, chosen.exact) {
            (None, _) | (_, 0) => String::new(),
            (_, 1) => ", beside 1 exact state".to_owned(),
            (_, exact) => format!(", beside {exact} exact states"),
        };
        (arm, format!("{method}{how}{beside}"))
    });
    words.collect()
}

/// How many twins and participants, but for those who were lost to the simulation.
pub(crate) fn counts(plan: &Plan<'_>, screening: &Screening) -> BTreeMap<String, u64> {
    let enrolled = screening.screened - screening.failed;
    let counted = [
        ("drawn", screening.drawn),
        ("passed_over", screening.passed_over.iter().map(|(_, count)| count).sum()),
        ("screened", screening.screened),
        ("screen_failures", screening.failed),
        ("enrolled", enrolled),
        ("participants", enrolled * plan.rows_per_twin()),
    ];
    counted.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Who was passed over and refused, by reason.
pub(crate) fn refused(screening: &Screening) -> Vec<ExclusionCount> {
    let of = |stage: &'static str| {
        move |(reason, count): &(String, u64)| ExclusionCount {
            stage: stage.to_owned(),
            reason: reason.clone(),
            arm: None,
            count: *count,
        }
    };
    let passed_over = screening.passed_over.iter().map(of("population"));
    let refused = screening.criteria.iter().chain(&screening.ended).map(of("screening"));
    passed_over.chain(refused).collect()
}

/// Who was lost to the simulation, by reason: what the table of exclusions says.
pub(crate) fn lost_by_reason(files: &[PathBuf]) -> Result<Vec<ExclusionCount>> {
    let mut counts = Tally::new();
    for file in files {
        let of_file = tally(file, &["STAGE", "REASON", "TRT01P"]).map_err(Failure::Table)?;
        of_file
            .into_iter()
            .for_each(|(texts, count)| *counts.entry(texts).or_default() += count);
    }
    let mut lost = Vec::new();
    for (texts, count) in counts {
        if let [Some(stage), Some(reason), arm] = texts.as_slice()
            && stage == SIMULATION
        {
            let (stage, reason, arm) = (stage.clone(), reason.clone(), arm.clone());
            lost.push(ExclusionCount { stage, reason, arm, count });
        }
    }
    Ok(lost)
}

/// Where that table is not kept, the disposition still says how many, and not why.
pub(crate) fn lost_by_arm<'f>(
    counted: impl IntoIterator<Item = (&'f Finding, u64)>,
) -> Vec<ExclusionCount> {
    let failed = counted.into_iter().filter(|(of, _)| of.analysis == MODEL_FAILED);
    let lost = failed.map(|(of, count)| ExclusionCount {
        stage: SIMULATION.to_owned(),
        reason: "the model failed".to_owned(),
        arm: of.arm.clone(),
        count,
    });
    lost.collect()
}

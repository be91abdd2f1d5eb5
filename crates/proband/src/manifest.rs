//! `run.json`: all that a run was made from, and what came of it in numbers.

use crate::identity::{Identity, VERSION};
use crate::{Failure, Opened, Result};
use proband_analysis::{Finding, Screening};
use proband_engine::Plan;
use proband_ode::Method;
use proband_store::{ExclusionCount, Override, RunFolder, RunManifest, TableFile, tally};
use proband_trial::{OutputLevel, Trial};
use std::collections::BTreeMap;

/// The version of the form of `run.json`.
const FORM: u32 = 1;

/// Participants lost to the simulation are counted under this stage.
const SIMULATION: &str = "simulation";

/// The manifest of a run whose tables are written.
pub(crate) fn manifest(
    opened: &Opened,
    identity: &Identity<'_>,
    plan: &Plan<'_>,
    screening: &Screening,
    exclusions: Vec<ExclusionCount>,
    tables: Vec<TableFile>,
) -> RunManifest {
    let trial = &opened.trial;
    let laid_over = opened
        .overrides
        .iter()
        .map(|change| Override { path: change.path.clone(), value: change.value.clone() });
    RunManifest {
        form: FORM,
        run: identity.run.clone(),
        trial: trial.id.clone(),
        title: trial.title.clone(),
        about: about(trial),
        arms: trial.arms.iter().map(|arm| arm.title.clone()).collect(),
        version: VERSION.to_owned(),
        seed: trial.simulation.seed,
        replicates: 1,
        level: level(trial.output.level).to_owned(),
        inputs: identity.files.clone(),
        overrides: laid_over.collect(),
        defaults: trial.defaults.iter().cloned().collect(),
        methods: methods(plan),
        counts: counts(plan, screening, &exclusions),
        exclusions,
        tables,
    }
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

fn counts(
    plan: &Plan<'_>,
    screening: &Screening,
    exclusions: &[ExclusionCount],
) -> BTreeMap<String, u64> {
    let enrolled = screening.screened - screening.failed;
    let lost = exclusions.iter().filter(|lost| lost.stage == SIMULATION);
    let counted = [
        ("drawn", screening.drawn),
        ("passed_over", screening.passed_over.iter().map(|(_, count)| count).sum()),
        ("screened", screening.screened),
        ("screen_failures", screening.failed),
        ("enrolled", enrolled),
        ("participants", enrolled * plan.rows_per_twin()),
        ("failed", lost.map(|lost| lost.count).sum()),
    ];
    counted.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Who was passed over, refused and lost, by reason.
pub(crate) fn exclusions(
    screening: &Screening,
    tables: &[TableFile],
    folder: &RunFolder,
    findings: &[Finding],
) -> Result<Vec<ExclusionCount>> {
    let of = |stage: &'static str| {
        move |(reason, count): &(String, u64)| ExclusionCount {
            stage: stage.to_owned(),
            reason: reason.clone(),
            arm: None,
            count: *count,
        }
    };
    let mut all: Vec<ExclusionCount> =
        screening.passed_over.iter().map(of("population")).collect();
    all.extend(screening.criteria.iter().chain(&screening.ended).map(of("screening")));
    let is_kept = tables.iter().any(|table| table.table == "exclusions");
    all.extend(if is_kept { lost_by_reason(folder)? } else { lost_by_arm(findings) });
    all.retain(|excluded| excluded.count > 0);
    Ok(all)
}

fn lost_by_reason(folder: &RunFolder) -> Result<Vec<ExclusionCount>> {
    let counts = tally(&folder.table("exclusions"), &["STAGE", "REASON", "TRT01P"]);
    let mut lost = Vec::new();
    for (texts, count) in counts.map_err(Failure::Table)? {
        if let [Some(stage), Some(reason), arm] = texts.as_slice()
            && stage == SIMULATION
        {
            let (stage, reason, arm) = (stage.clone(), reason.clone(), arm.clone());
            lost.push(ExclusionCount { stage, reason, arm, count });
        }
    }
    Ok(lost)
}

/// Where the table of exclusions is not kept, the disposition still says how many, and not why.
fn lost_by_arm(findings: &[Finding]) -> Vec<ExclusionCount> {
    let failed = findings.iter().filter(|finding| finding.analysis == "model failed");
    let lost = failed.map(|finding| ExclusionCount {
        stage: SIMULATION.to_owned(),
        reason: "the model failed".to_owned(),
        arm: finding.arm.clone(),
        count: finding.estimate.unwrap_or(0.0) as u64,
    });
    lost.collect()
}

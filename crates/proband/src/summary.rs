//! The summary of a run: what its manifest and its findings say, as a document.

use proband_analysis::{Characteristic, Finding};
use proband_report::{Document, Failure, Run};
use proband_store::{ExclusionCount, RunManifest};

/// Arranges what is known of a run. The same manifest and findings give the same document.
pub(crate) fn document(
    manifest: &RunManifest,
    findings: &[Finding],
    operating: &[Characteristic],
) -> Document {
    let told = Told::of(manifest);
    match operating {
        [] => proband_report::summary(&told.run(), findings),
        operating => proband_report::operating(&told.run(), operating),
    }
}

/// What a manifest says of a run beside its findings.
pub(crate) struct Told<'m> {
    manifest: &'m RunManifest,
    facts: Vec<(String, String)>,
    defaults: Vec<(String, String)>,
    failures: Vec<Failure>,
}

impl<'m> Told<'m> {
    pub(crate) fn of(manifest: &'m RunManifest) -> Self {
        let defaults = manifest.defaults.iter();
        let lost = manifest.exclusions.iter().filter(|lost| lost.stage == "simulation");
        Self {
            manifest,
            facts: facts(manifest),
            defaults: defaults.map(|(path, value)| (path.clone(), value.clone())).collect(),
            failures: lost.map(failure).collect(),
        }
    }

    /// The same as documents take it.
    pub(crate) fn run(&self) -> Run<'_> {
        Run {
            id: &self.manifest.trial,
            title: self.manifest.title.as_deref(),
            facts: &self.facts,
            arms: &self.manifest.arms,
            defaults: &self.defaults,
            failures: &self.failures,
        }
    }
}

fn failure(lost: &ExclusionCount) -> Failure {
    Failure { arm: lost.arm.clone(), reason: lost.reason.clone(), count: lost.count }
}

fn facts(manifest: &RunManifest) -> Vec<(String, String)> {
    let about = manifest.about.iter().map(|(name, text)| (name.clone(), text.clone()));
    let overrides = manifest
        .overrides
        .iter()
        .map(|change| ("changed".to_owned(), format!("{} = {}", change.path, change.value)));
    let run = [
        ("seed", manifest.seed.to_string()),
        ("solver", solver(manifest)),
        ("run", format!("{} by proband {}", manifest.run, manifest.version)),
    ];
    let run = run.into_iter().map(|(name, text)| (name.to_owned(), text));
    about.chain(overrides).chain(run).collect()
}

/// One word if all arms have the same solver.
fn solver(manifest: &RunManifest) -> String {
    let mut methods = manifest.methods.values();
    let first = methods.next().cloned().unwrap_or_default();
    if methods.all(|method| *method == first) {
        return first;
    }
    let by_arm = manifest.methods.iter().map(|(arm, method)| format!("{method} in {arm}"));
    by_arm.collect::<Vec<_>>().join(", ")
}

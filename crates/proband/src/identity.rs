//! What makes a run this run: its inputs, seed and version, and their hash.

use crate::Opened;
use proband_store::{InputFile, Provenance, content_hash, run_id};
use proband_trial::Trial;

/// The version of proband.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// By this name the trial keeps what was laid over its file among its inputs.
const OVERRIDE: &str = "--set";

/// What makes a run this run.
#[derive(Debug)]
pub(crate) struct Identity<'t> {
    trial: &'t Trial,
    pub(crate) run: String,
    /// The files it was made from.
    pub(crate) files: Vec<InputFile>,
}

impl<'t> Identity<'t> {
    pub(crate) fn of(opened: &'t Opened) -> Self {
        let trial = &opened.trial;
        let seed = trial.simulation.seed.to_string();
        let mut all = vec![("version", VERSION.as_bytes()), ("seed", seed.as_bytes())];
        all.extend(trial.inputs.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
        all.extend(opened.picked.iter().map(|id| ("--scenario", id.as_bytes())));
        let files = files(trial).enumerate().map(|(place, (name, text))| InputFile {
            name: name.clone(),
            copy: copy(place, name),
            blake3: content_hash(text.as_bytes()),
        });
        Self { trial, run: run_id(&all), files: files.collect() }
    }

    /// What every file of the run says about its origin.
    pub(crate) fn provenance(&self) -> Provenance {
        let hash = |file: &InputFile| (file.name.clone(), file.blake3.clone());
        Provenance {
            trial: self.trial.id.clone(),
            run: self.run.clone(),
            version: VERSION.to_owned(),
            seed: self.trial.simulation.seed,
            hashes: self.files.iter().map(hash).collect(),
        }
    }

    /// The text of every input file, by the place where the run keeps a copy.
    pub(crate) fn copies(&self) -> impl Iterator<Item = (&str, &str)> {
        let copies = self.files.iter().map(|file| file.copy.as_str());
        copies.zip(files(self.trial).map(|(_, text)| text.as_str()))
    }
}

fn files(trial: &Trial) -> impl Iterator<Item = &(String, String)> {
    trial.inputs.iter().filter(|(name, _)| name != OVERRIDE)
}

/// Where a copy stands: numbered, because names may lead out of the folder or be equal. What was read
/// from a Parquet file is kept as the comma-separated values it was read as.
fn copy(place: usize, name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let ending = if file.to_ascii_lowercase().ends_with(".parquet") { ".csv" } else { "" };
    format!("inputs/{}-{file}{ending}", place + 1)
}

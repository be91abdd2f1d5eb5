//! The door: a trial file, with what the command line changes in it.

use crate::Trial;
use crate::files::TrialFiles;
use crate::overlay::{Removal, merge};
use crate::reading::Reading;
use crate::scenarios;
use crate::toml::{Node, read_document};
use proband_diag::{Faults, Files, Sources};

/// A change from the command line, `--set path=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// A path of the trial file, such as `design.participants`.
    pub path: String,
    /// A TOML value.
    pub value: String,
}

/// Reads a trial file, the models and the tables it names, and changes it by `overrides`.
///
/// All faults go to `faults`, and every file read to `sources`; none if there is an error.
pub fn open_trial(
    path: &str,
    files: &dyn Files,
    overrides: &[Override],
    sources: &mut Sources,
    faults: &mut Faults,
) -> Option<Trial> {
    let files = TrialFiles::beside(path, files);
    let written = files.document(sources, faults)?;
    let mut reading = Reading::default();
    let file = overridden(written, overrides, sources, &mut reading);
    let base = scenarios::without(&file);
    let trial = crate::read::trial(&base, &files, sources, &mut reading);
    let scenarios = scenarios::read(&file, &base, &files, sources, &mut reading);
    let mut trial = reading.sound(trial, faults)?;
    trial.scenarios = scenarios;
    trial.inputs = files.into_inputs();
    trial.inputs.extend(overrides.iter().map(|o| ("--set".to_owned(), o.written())));
    Some(trial)
}

impl Override {
    fn written(&self) -> String {
        format!("{} = {}", self.path, self.value)
    }
}

/// The tree of the file with the changes of the command line laid over it.
fn overridden(
    file: Node,
    overrides: &[Override],
    sources: &mut Sources,
    reading: &mut Reading,
) -> Node {
    let mut changed = file;
    for change in overrides {
        let text = change.written();
        let source = sources.add("--set", &text);
        let before = reading.faults.len();
        let over = read_document(source, &text, &mut reading.faults);
        if reading.faults.len() == before {
            changed = merge(&changed, &over, Removal::No, reading);
        }
    }
    changed
}

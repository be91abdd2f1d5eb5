//! The suite's files in memory, and what the reader says of them.

use proband_diag::{Diagnostic, Faults, InMemory, Sources, code};
use proband_trial::Trial;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the examples of trials are, from the workspace.
pub(crate) const EXAMPLES: &str = "tests/suite/trial-file/examples";

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A text of the workspace.
pub(crate) fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every example of a trial and every file that they name, by path from the folder of the examples.
pub(crate) fn examples() -> InMemory {
    let mut files = BTreeMap::new();
    add(&mut files, EXAMPLES, "");
    add(&mut files, &format!("{EXAMPLES}/models"), "models/");
    add(&mut files, &format!("{EXAMPLES}/data"), "data/");
    add(&mut files, "tests/suite/language/examples", "../../language/examples/");
    InMemory(files)
}

/// The files of a folder of the workspace, under a prefix.
pub(crate) fn add(files: &mut BTreeMap<String, String>, folder: &str, prefix: &str) {
    let entries = std::fs::read_dir(root().join(folder)).expect("a folder of the suite");
    for entry in entries {
        let path = entry.expect("an entry of it").path();
        if path.is_file() {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a text");
            files.insert(format!("{prefix}{name}"), text);
        }
    }
}

/// Names of the examples of trials.
pub(crate) fn trials(files: &InMemory) -> Vec<String> {
    files.0.keys().filter(|name| name.ends_with(".toml")).cloned().collect()
}

/// What reading a trial gave.
pub(crate) struct Outcome {
    pub(crate) trial: Option<Trial>,
    pub(crate) faults: Faults,
    pub(crate) sources: Sources,
}

/// Opens a trial of `files`.
pub(crate) fn open(path: &str, files: &InMemory) -> Outcome {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let trial = proband_trial::open_trial(path, files, &[], &mut sources, &mut faults);
    Outcome { trial, faults, sources }
}

impl Outcome {
    /// Faults that are not about what waits for a later version.
    pub(crate) fn real(&self) -> Vec<&Diagnostic> {
        let list = self.faults.sorted();
        list.into_iter().filter(|fault| fault.code != code::NOT_SUPPORTED).collect()
    }

    /// Faults about what waits for a later version.
    pub(crate) fn later(&self) -> Vec<&Diagnostic> {
        let list = self.faults.sorted();
        list.into_iter().filter(|fault| fault.code == code::NOT_SUPPORTED).collect()
    }

    /// A fault as `code, place, message, help`, the file named where it is not `path`.
    pub(crate) fn line(&self, fault: &Diagnostic, path: &str) -> String {
        let place = fault.span.map_or("-".to_owned(), |span| {
            let (place, name) = (self.sources.place(span), &self.sources.get(span.source).name);
            let file = if name == path { String::new() } else { format!("{name}:") };
            format!("{file}{}:{}", place.line, place.column)
        });
        let help = fault.help.as_deref().unwrap_or("");
        format!("{}\t{place}\t{}\t{help}", fault.code.name(), fault.message)
    }
}

//! The suite's files in memory, and what the checker says of them.

use proband_diag::{Diagnostic, Faults, InMemory, Sources};
use proband_lang::Model;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A text of the workspace.
pub(crate) fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every example by file name.
pub(crate) fn examples() -> InMemory {
    let folder = root().join("tests/suite/language/examples");
    let entries = std::fs::read_dir(&folder).expect("the folder of examples");
    let named = entries.map(|entry| {
        let path = entry.expect("an entry of it").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).expect("an example"))
    });
    InMemory(named.collect::<BTreeMap<_, _>>())
}

/// What checking a file gave.
pub(crate) struct Outcome {
    pub(crate) model: Option<Model>,
    pub(crate) faults: Faults,
    pub(crate) sources: Sources,
}

/// Opens a model of `files`.
pub(crate) fn open(path: &str, files: &InMemory) -> Outcome {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = proband_lang::open_model(path, files, &mut sources, &mut faults);
    Outcome { model, faults, sources }
}

impl Outcome {
    /// All faults, one a line, as `code at message (help)`, the file named where it is not `path`.
    pub(crate) fn lines(&self, path: &str) -> String {
        let line = |fault: &Diagnostic| self.line(fault, path);
        let lines: Vec<String> = self.faults.sorted().into_iter().map(line).collect();
        if lines.is_empty() { "no fault".to_owned() } else { lines.join("\n") }
    }

    fn line(&self, fault: &Diagnostic, path: &str) -> String {
        let place = fault.span.map_or("-".to_owned(), |span| {
            let (place, name) = (self.sources.place(span), &self.sources.get(span.source).name);
            let file = if name == path { String::new() } else { format!("{name}:") };
            format!("{file}{}:{}", place.line, place.column)
        });
        let help = fault.help.as_deref().unwrap_or("");
        format!("{}\t{place}\t{}\t{help}", fault.code.name(), fault.message)
    }
}

//! Files that a trial names: found beside it, and remembered for the hash of the inputs.

use crate::reading::Reading;
use crate::toml::{Node, Text, read_document};
use proband_diag::{Diagnostic, Faults, Files, SourceId, Sources, code, path_from};
use std::cell::RefCell;
use std::io;
use std::path::Path;

/// The files of one trial.
pub(crate) struct TrialFiles<'a> {
    files: &'a dyn Files,
    /// Path of the trial file.
    trial: String,
    read: RefCell<Vec<(String, String)>>,
}

impl Files for TrialFiles<'_> {
    fn read(&self, path: &str) -> io::Result<String> {
        let text = self.files.read(path)?;
        let entry = (self.short(path), text.clone());
        let mut read = self.read.borrow_mut();
        if !read.contains(&entry) {
            read.push(entry);
        }
        Ok(text)
    }
}

impl<'a> TrialFiles<'a> {
    /// The files beside a trial file.
    pub(crate) fn beside(trial: &str, files: &'a dyn Files) -> Self {
        Self { files, trial: trial.to_owned(), read: RefCell::default() }
    }

    /// The trial file itself, as a tree; all faults go to `faults`.
    pub(crate) fn document(&self, sources: &mut Sources, faults: &mut Faults) -> Option<Node> {
        let path = &self.trial;
        let text = match self.read(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot read `{path}`: {}", reason(&error));
                faults.push(Diagnostic::error_without_place(code::UNKNOWN_FILE, message));
                return None;
            }
        };
        let mut found = Faults::default();
        let file = read_document(sources.add(path, &text), &text, &mut found);
        // What stands where TOML is broken is a guess: its own faults would be too.
        let broken = found.has_errors();
        faults.extend(found);
        (!broken).then_some(file)
    }

    /// The path of a file that the trial file names.
    pub(crate) fn path(&self, named: &str) -> String {
        match Path::new(&self.trial).parent().and_then(Path::to_str) {
            Some("") | None => named.to_owned(),
            Some(_) if Path::new(named).is_absolute() => named.to_owned(),
            Some(folder) => format!("{folder}/{named}"),
        }
    }

    /// A path as told from the folder of the trial file, so that inputs are the same from wherever a
    /// run is started.
    fn short(&self, path: &str) -> String {
        let folder = Path::new(&self.trial).parent().and_then(Path::to_str);
        path_from(folder.unwrap_or(""), path)
    }

    /// The text of a file that the trial names; reports it at that place if it cannot be read.
    pub(crate) fn text(&self, named: &Text, reading: &mut Reading) -> Option<String> {
        let path = self.path(&named.text);
        match self.read(&path) {
            Ok(text) => Some(text),
            Err(error) => {
                let message = format!("cannot read `{path}`: {}", reason(&error));
                let span = named.place();
                reading.fault(
                    Diagnostic::error(code::UNKNOWN_FILE, message, span)
                        .help("paths are taken from the file that names them"),
                );
                None
            }
        }
    }

    /// As [`TrialFiles::text`], and makes the file a source that faults can point into.
    pub(crate) fn source(
        &self,
        named: &Text,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Option<(SourceId, String)> {
        let text = self.text(named, reading)?;
        Some((sources.add(&self.path(&named.text), &text), text))
    }

    /// Every file that was read: path, text.
    pub(crate) fn into_inputs(self) -> Vec<(String, String)> {
        self.read.into_inner()
    }
}

/// Why a file cannot be read, in the same words on every system.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

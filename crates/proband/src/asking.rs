//! What is asked of us without a trial: one to start from, and what a code means.

use crate::{Failure, Faulty, Result};
use proband_diag::{Explanation, catalogue, code, did_you_mean};
use proband_trial::STARTER;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes the starter trial; a file that is there stays as it is.
pub(crate) fn start(file: &Path) -> Result<()> {
    let created = OpenOptions::new().write(true).create_new(true).open(file);
    let written = created.and_then(|mut open| open.write_all(STARTER.as_bytes()));
    written.map_err(|source| {
        let why = match source.kind() {
            ErrorKind::AlreadyExists => "it is there already",
            ErrorKind::NotFound => "there is no such folder",
            _ => return Failure::Write { path: file.into(), source }.into(),
        };
        let message = format!("cannot write `{}`: {why}", file.display());
        Faulty::one(code::COMMAND_LINE, message, Some("name another file".to_owned())).into()
    })
}

pub(crate) fn explain(name: &str) -> Result<&'static Explanation> {
    let known = proband_diag::explain(name);
    known.ok_or_else(|| {
        let codes = catalogue().iter().map(|entry| entry.code.name());
        let help = did_you_mean(name, codes)
            .unwrap_or_else(|| "`proband explain` lists them all".to_owned());
        Faulty::one(code::COMMAND_LINE, format!("there is no code `{name}`"), Some(help)).into()
    })
}

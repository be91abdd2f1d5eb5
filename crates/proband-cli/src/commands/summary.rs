//! `proband summary`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use proband::Finished;
use serde_json::{Value, json};
use std::io;
use std::path::Path;

pub(crate) fn summary(run: &Path, format: Format, console: &mut Console<'_>) -> Done {
    let finished = proband::finished(run)?;
    match format {
        Format::Text => text(&finished, console)?,
        Format::Json => print::object_of(&object(&finished), console)?,
    }
    Ok(())
}

/// The summary, and a warning that counts the participants who were lost.
pub(crate) fn text(finished: &Finished, console: &mut Console<'_>) -> io::Result<()> {
    console.out.write_all(finished.summary().to_text().as_bytes())?;
    let count = |name: &str| finished.manifest.counts.get(name).copied().unwrap_or(0);
    match count("failed") {
        0 => Ok(()),
        failed => console.note(&format!(
            "warning: the model of {failed} of {} participants failed; `exclusions` says of whom, when and why",
            count("participants"),
        )),
    }
}

pub(crate) fn object(finished: &Finished) -> Value {
    json!({
        "folder": finished.folder,
        "run": finished.manifest,
        "findings": print::findings(&finished.findings),
        "operating": print::characteristics(&finished.operating),
    })
}

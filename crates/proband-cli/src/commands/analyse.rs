//! `proband analyse`.

use super::Done;
use crate::arguments::{AnalyseArguments, Format};
use crate::console::Console;
use crate::print;
use proband::Analysed;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn analyse(
    arguments: &AnalyseArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    // The command line has two files at least.
    let Some((plan, data)) = arguments.files.split_last() else { return Ok(()) };
    let analysed = proband::analyse(data, &path_text(plan))?;
    let folder = analysed.write(&arguments.out)?;
    match format {
        Format::Json => print::object_of(&object(&analysed, &folder), console)?,
        Format::Text => {
            print::warnings(&analysed.warnings, &analysed.sources, console)?;
            console.out.write_all(analysed.summary().to_text().as_bytes())?;
            console.note(&format!("findings and summary are in {}", folder.display()))?;
        }
    }
    Ok(())
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn object(analysed: &Analysed, folder: &Path) -> Value {
    json!({
        "folder": folder,
        "plan": analysed.trial.id,
        "notes": analysed.notes,
        "warnings": print::warnings_value(&analysed.warnings, &analysed.sources),
        "findings": print::findings(&analysed.findings),
    })
}

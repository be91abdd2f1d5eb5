//! `proband export`.

use super::Done;
use crate::arguments::{ExportArguments, Format};
use crate::console::Console;
use crate::print;
use serde_json::json;

pub(crate) fn export(
    arguments: &ExportArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let ExportArguments { run, to, out, duckdb } = arguments;
    let exported = proband::export(run, *to, out.as_deref(), duckdb.as_deref())?;
    if format == Format::Json {
        let object = json!({
            "folder": exported.folder,
            "files": exported.files,
            "notes": exported.notes,
        });
        return Ok(print::object_of(&object, console)?);
    }
    for file in &exported.files {
        writeln!(console.out, "{}", exported.folder.join(file).display())?;
    }
    for note in &exported.notes {
        console.note(&format!("note: {note}"))?;
    }
    Ok(())
}

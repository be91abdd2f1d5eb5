//! `proband new`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use serde_json::json;
use std::path::Path;

pub(crate) fn new(file: &Path, format: Format, console: &mut Console<'_>) -> Done {
    proband::start(file)?;
    let shown = file.display();
    match format {
        Format::Json => print::object_of(&json!({ "file": file }), console)?,
        Format::Text => {
            writeln!(
                console.out,
                "wrote {shown}\n\nNext: proband check {shown}\n      proband run {shown}"
            )?;
        }
    }
    Ok(())
}

//! `proband report`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use serde_json::json;
use std::path::Path;

pub(crate) fn report(run: &Path, format: Format, console: &mut Console<'_>) -> Done {
    let page = proband::report(run)?;
    match format {
        Format::Text => writeln!(console.out, "{}", page.display())?,
        Format::Json => print::object_of(&json!({ "report": page }), console)?,
    }
    Ok(())
}

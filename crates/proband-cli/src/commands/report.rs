//! `proband report`.

use super::Done;
use crate::arguments::{Format, ReportArguments};
use crate::console::Console;
use crate::print;
use serde_json::json;

pub(crate) fn report(
    arguments: &ReportArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let page = match arguments.runs.as_slice() {
        [run] => proband::report(run)?,
        runs => {
            proband::compare(runs, &arguments.out)?;
            arguments.out.clone()
        }
    };
    match format {
        Format::Text => writeln!(console.out, "{}", page.display())?,
        Format::Json => print::object_of(&json!({ "report": page }), console)?,
    }
    Ok(())
}

//! `proband plan`.

use super::{Done, Stop};
use crate::arguments::{Format, PlanArguments};
use crate::console::Console;
use crate::print;
use crate::progress::Progress;
use proband::Planned;
use serde_json::json;

pub(crate) fn plan(
    arguments: &PlanArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let opened = proband::open(&arguments.trial.trial, &arguments.trial.overrides())?;
    let opened = opened.only(&arguments.scenarios)?;
    let progress = Progress::new(&opened, console);
    let plan = || proband::plan_run(&opened, &arguments.out, &progress);
    let planned = proband::on_threads(arguments.threads, plan);
    progress.clear();
    let planned = planned?.ok_or(Stop::Interrupted)?;
    if format == Format::Json {
        let warnings = print::warnings_value(&opened.warnings, &opened.sources);
        return Ok(print::object_of(
            &json!({ "plan": object(&planned), "warnings": warnings }),
            console,
        )?);
    }
    print::warnings(&opened.warnings, &opened.sources, console)?;
    let Planned { folder, run, shards, was_there } = &planned;
    let shards = print::counted(u64::from(*shards), "shard");
    writeln!(console.out, "run {run}: {shards} in {}", folder.display())?;
    if planned.shards == 1 {
        console.note("it cannot be split: more workers than one bring nothing")?;
    }
    if *was_there {
        console.note("it was planned before, and stays as it is")?;
    }
    Ok(())
}

fn object(planned: &Planned) -> serde_json::Value {
    json!({
        "folder": planned.folder,
        "run": planned.run,
        "shards": planned.shards,
        "was_there": planned.was_there,
    })
}

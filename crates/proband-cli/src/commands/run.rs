//! `proband run`.

use super::{Done, Stop, summary};
use crate::arguments::{Format, RunArguments};
use crate::console::Console;
use crate::print;
use crate::progress::Progress;
use proband::{Backend, BackendRefusal, Ended, Finished, Opened};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(arguments: &RunArguments, format: Format, console: &mut Console<'_>) -> Done {
    let opened = proband::open(&arguments.trial.trial, &arguments.trial.overrides())?;
    let opened = opened.only(&arguments.scenarios)?;
    if format == Format::Text {
        print::warnings(&opened.warnings, &opened.sources, console)?;
        slower_than_it_could(console)?;
    }
    let progress = Progress::new(&opened, console);
    let backend = arguments.backend.unwrap_or_else(Backend::detect);
    let work = || proband::run_on(backend, &opened, &arguments.out, &progress);
    let ended = proband::on_threads(arguments.threads, work);
    progress.clear();
    match ended? {
        Ended::Finished(finished) => report(&finished, &opened, format, console),
        Ended::Interrupted { folder, done, of } => {
            interrupted(&folder, done, of, format, console)
        }
    }
}

/// A system that runs no code made at run time makes a processor slower than it is.
fn slower_than_it_could(console: &mut Console<'_>) -> Done {
    if let Err(refusal @ BackendRefusal::System(_)) = Backend::Avx2.check() {
        console.note(&format!("{refusal}; models run on the interpreter"))?;
    }
    Ok(())
}

fn report(
    finished: &Finished,
    opened: &Opened,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    if format == Format::Json {
        let mut object = summary::object(finished);
        object["was_there"] = finished.was_there.into();
        object["warnings"] = print::warnings_value(&opened.warnings, &opened.sources);
        return Ok(print::object_of(&object, console)?);
    }
    summary::text(finished, console)?;
    let folder = finished.folder.display();
    match finished.was_there {
        true => console.note(&format!("this run was finished before: {folder}"))?,
        false => console.note(&format!("tables and summary are in {folder}"))?,
    }
    Ok(())
}

fn interrupted(
    folder: &Path,
    done: u32,
    of: Option<u32>,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    if format == Format::Json {
        let object = json!({ "interrupted": { "folder": folder, "done": done, "of": of } });
        print::object_of(&object, console)?;
    } else {
        let how_far = match of {
            Some(of) => format!("with {done} of {of} shards done"),
            None if done > 0 => format!("with {done} shards done"),
            None => "while participants were being enrolled".to_owned(),
        };
        console.note(&format!("interrupted {how_far}; the same command goes on from there"))?;
    }
    Err(Stop::Interrupted)
}

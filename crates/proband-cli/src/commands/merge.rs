//! `proband merge`.

use super::work::threads;
use super::{Done, Stop, submit, summary};
use crate::arguments::{Format, MergeArguments};
use crate::console::Console;
use crate::print;
use proband::{Backend, Flaw, Form, Merged, ranges};
use serde_json::{Value, json};
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

pub(crate) fn merge(
    arguments: &MergeArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let form = if arguments.compact { Form::Files } else { Form::Shards };
    let threads = threads(arguments.threads);
    let ended = merged(&arguments.run, form, threads, format, console);
    if arguments.resubmit && matches!(ended, Err(Stop::Again)) {
        let again = proband::resubmit(&arguments.run)?;
        console.note(&submit::told(&again))?;
    }
    ended
}

/// Merges and shows what came of it.
pub(super) fn merged(
    run: &Path,
    form: Form,
    threads: Option<NonZeroUsize>,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let merge = || proband::merge(run, form, Backend::detect());
    match (proband::on_threads(threads, merge)?, format) {
        (Merged::Finished(finished), Format::Json) => {
            print::object_of(&summary::object(&finished), console)?;
        }
        (Merged::Finished(finished), Format::Text) => summary::text(&finished, console)?,
        (Merged::Incomplete { flaws, of }, format) => {
            match format {
                Format::Json => print::object_of(&object(&flaws, of), console)?,
                Format::Text => tell(&flaws, of, console)?,
            }
            return Err(Stop::Again);
        }
    }
    Ok(())
}

/// Each damaged shard has a line, and the missing ones, of which there can be many, one together.
fn tell(flaws: &[(u32, Flaw)], of: u32, console: &mut Console<'_>) -> io::Result<()> {
    for (shard, flaw) in flaws {
        if let Flaw::Damaged(path) = flaw {
            console.note(&format!(
                "shard {shard} is damaged and has to be done again: `{}` is not what was written",
                path.display()
            ))?;
        }
    }
    let missing = flaws.iter().filter(|(_, flaw)| *flaw == Flaw::Missing);
    let missing = ranges(missing.map(|(shard, _)| *shard));
    if !missing.is_empty() {
        console.note(&format!("missing shards: {missing}"))?;
    }
    let count = flaws.len();
    console
        .note(&format!("{count} of {of} shards have to be done before the run can be merged"))
}

fn object(flaws: &[(u32, Flaw)], of: u32) -> Value {
    let flaw = |(shard, flaw): &(u32, Flaw)| match flaw {
        Flaw::Missing => json!({ "shard": shard }),
        Flaw::Damaged(path) => json!({ "shard": shard, "damaged": path }),
    };
    json!({ "incomplete": { "shards": of, "flaws": flaws.iter().map(flaw).collect::<Value>() } })
}

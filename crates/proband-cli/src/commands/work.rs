//! `proband work`.

use super::{Done, Stop};
use crate::arguments::{Format, WorkArguments};
use crate::console::Console;
use crate::interruption::within_grace;
use crate::{AGAIN, print};
use proband::{Backend, Environment, Faulty, Share, Watch};
use serde_json::json;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) fn work(
    arguments: &WorkArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let share = share(arguments)?;
    let stop = Asked(console.stop);
    let work = || proband::work_on(&arguments.run, share, Backend::detect(), &stop);
    let grace = Duration::from_secs(arguments.grace);
    let worked = within_grace(console.stop, grace, AGAIN, || {
        proband::on_threads(threads(arguments.threads), work)
    })?;
    if format == Format::Json {
        let object = json!({ "shards": worked.shards, "interrupted": worked.interrupted });
        print::object_of(&object, console)?;
    } else {
        let shards = print::counted(u64::from(worked.shards), "shard");
        let how = if worked.interrupted { "interrupted after" } else { "did" };
        console.note(&format!("{how} {shards}"))?;
    }
    if worked.interrupted { Err(Stop::Again) } else { Ok(()) }
}

/// The wish to stop; nothing is shown, since nobody looks on.
struct Asked<'a>(&'a AtomicBool);

impl Watch for Asked<'_> {
    fn stop(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn share(arguments: &WorkArguments) -> Result<Share, Stop> {
    let place = environment().place();
    match (arguments.task, arguments.tasks, place) {
        (Some(task), Some(tasks), _) => Ok(Share::of(task, tasks)),
        (None, Some(tasks), Some(place)) => Ok(Share::of(place.index, tasks)),
        (None, Some(_), None) => {
            Err(Faulty::command_line("which of the tasks is this? Give `--task`").into())
        }
        (_, None, Some(place)) => {
            let variable = place.variable;
            let told = format!(
                "this is an array job ({variable} is set): say of how many tasks with `--tasks`"
            );
            Err(Faulty::command_line(&told).into())
        }
        (_, None, None) => Ok(Share::ALL),
    }
}

/// The threads that were asked for, or those that the scheduler gives.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
    let given = || environment().cores().and_then(|cores| NonZeroUsize::new(cores as usize));
    asked.or_else(given)
}

fn environment() -> Environment<impl Fn(&str) -> Option<String>> {
    Environment(|name: &str| std::env::var(name).ok())
}

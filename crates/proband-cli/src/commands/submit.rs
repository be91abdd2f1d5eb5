//! `proband submit`.

use super::{Done, merge};
use crate::arguments::{EngineName, Format, SubmitArguments};
use crate::console::Console;
use crate::print;
use proband::{Engine, Form, Submission, Submitted};
use serde_json::{Value, json};
use std::io;

pub(crate) fn submit(
    arguments: &SubmitArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let wanted = wanted(arguments)?;
    let submitted = proband::submit(&arguments.run, &wanted, arguments.dry_run)?;
    let is_local = wanted.engine == Engine::Local && !arguments.dry_run;
    if format == Format::Text {
        console.note(&told(&submitted))?;
        show(&submitted, arguments, console)?;
    } else if !is_local {
        print::object_of(&object(&submitted), console)?;
    }
    if is_local {
        let form = if arguments.compact { Form::Files } else { Form::Shards };
        return merge::merged(&arguments.run, form, None, format, console);
    }
    Ok(())
}

fn wanted(arguments: &SubmitArguments) -> io::Result<Submission> {
    let engine = match arguments.engine {
        EngineName::Slurm => Engine::Slurm,
        EngineName::Kubernetes => Engine::Kubernetes,
        EngineName::Local => Engine::Local,
    };
    Ok(Submission {
        engine,
        program: std::env::current_exe()?,
        tasks: arguments.tasks,
        cores: arguments.cores,
        nodes: arguments.nodes,
        max_running: arguments.max_running,
        time: arguments.time.clone(),
        partition: arguments.partition.clone(),
        image: arguments.image.clone(),
        claim: arguments.claim.clone(),
        compact: arguments.compact,
    })
}

/// `63 shards of 0.21 s each in 4 tasks; jobs 17 and 18`.
pub(super) fn told(submitted: &Submitted) -> String {
    let shards = print::counted(u64::from(submitted.shards), "shard");
    let each =
        submitted.pilot.map_or(String::new(), |seconds| format!(" of {seconds:.2} s each"));
    let tasks = print::counted(u64::from(submitted.started), "task");
    let jobs = match submitted.jobs.as_slice() {
        [] => String::new(),
        jobs => format!("; jobs {}", jobs.join(" and ")),
    };
    format!("{shards}{each} in {tasks}{jobs}")
}

/// The scripts of a dry run; otherwise where they are.
fn show(
    submitted: &Submitted,
    arguments: &SubmitArguments,
    console: &mut Console<'_>,
) -> io::Result<()> {
    for (path, text) in &submitted.scripts {
        match (arguments.dry_run, arguments.engine) {
            (true, _) => write!(console.out, "{text}")?,
            (false, EngineName::Kubernetes) => {
                writeln!(console.out, "kubectl apply -f {}", path.display())?;
            }
            (false, _) => {}
        }
    }
    Ok(())
}

fn object(submitted: &Submitted) -> Value {
    let script =
        |(path, text): &(std::path::PathBuf, String)| json!({ "path": path, "text": text });
    json!({
        "shards": submitted.shards,
        "tasks": submitted.tasks,
        "started": submitted.started,
        "pilot_seconds": submitted.pilot,
        "scripts": submitted.scripts.iter().map(script).collect::<Value>(),
        "jobs": submitted.jobs,
    })
}

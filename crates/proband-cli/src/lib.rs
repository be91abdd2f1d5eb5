//! The `proband` command: what was typed, to what the library does, to what is printed.
//!
//! [`run`] is the whole program: it takes the words of the command line and a [`Console`] to print on, and
//! gives the exit code. Results go to standard output; faults, warnings and progress to standard error.

mod arguments;
mod commands;
mod console;
mod interruption;
mod print;
mod progress;

pub use console::Console;
pub use interruption::interruption;

use arguments::{Arguments, Command};
use clap::Parser;
use clap::error::ErrorKind;
use commands::Stop;
use proband::Error;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

/// The files or the command line are wrong.
const WRONG: u8 = 1;
/// We failed.
const FAILED: u8 = 2;
/// Of workers and merges, as schedulers understand them: what was asked for can never be done
/// (`EX_DATAERR`), or may be done another time (`EX_TEMPFAIL`).
const FOR_EVER: u8 = 65;
const AGAIN: u8 = 75;
/// Stopped by Ctrl-C: what shells give a command that was.
const INTERRUPTED: u8 = 130;

/// Does what the command line says. The first word is the name of the program.
pub fn run(words: impl IntoIterator<Item = OsString>, console: &mut Console<'_>) -> ExitCode {
    let done = match Arguments::try_parse_from(words) {
        Ok(arguments) => dispatch(&arguments, console),
        Err(usage) => print_usage(&usage, console),
    };
    done.unwrap_or_else(|error| closed(&error))
}

fn dispatch(arguments: &Arguments, console: &mut Console<'_>) -> io::Result<ExitCode> {
    let format = arguments.format;
    let done = match &arguments.command {
        Command::Run(arguments) => commands::run::run(arguments, format, console),
        Command::Plan(arguments) => commands::plan::plan(arguments, format, console),
        Command::Work(arguments) => commands::work::work(arguments, format, console),
        Command::Status { run, results } => {
            commands::status::status(run, *results, format, console)
        }
        Command::Submit(arguments) => commands::submit::submit(arguments, format, console),
        Command::Merge(arguments) => commands::merge::merge(arguments, format, console),
        Command::Check(arguments) => commands::check::check(arguments, format, console),
        Command::Size(arguments) => commands::size::size(arguments, format, console),
        Command::Summary { run } => commands::summary::summary(run, format, console),
        Command::Report(arguments) => commands::report::report(arguments, format, console),
        Command::Models { model, folder } => {
            commands::models::models(model.as_deref(), folder, format, console)
        }
        Command::New { file } => commands::new::new(file, format, console),
        Command::Explain { code } => {
            commands::explain::explain(code.as_deref(), format, console)
        }
        Command::Analyse(arguments) => commands::analyse::analyse(arguments, format, console),
        Command::Export(arguments) => commands::export::export(arguments, format, console),
        Command::Replay(arguments) => commands::replay::replay(arguments, format, console),
    };
    match done {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Stop::Interrupted) => Ok(ExitCode::from(INTERRUPTED)),
        Err(Stop::Again) => Ok(ExitCode::from(AGAIN)),
        Err(Stop::Closed(error)) => Err(error),
        Err(Stop::Error(error)) => {
            print::error(&error, format, console)?;
            Ok(ExitCode::from(code(&error, &arguments.command)))
        }
    }
}

fn code(error: &Error, command: &Command) -> u8 {
    match (error, command) {
        (Error::Faulty(_), Command::Work(_) | Command::Merge(_)) => FOR_EVER,
        (Error::Failed(_), Command::Work(_) | Command::Merge(_)) => AGAIN,
        (Error::Faulty(_), _) => WRONG,
        (Error::Failed(_), _) => FAILED,
    }
}

/// Help and version go to standard output, what is wrong with the command line to standard error.
fn print_usage(usage: &clap::Error, console: &mut Console<'_>) -> io::Result<ExitCode> {
    let text = usage.render();
    let text = if console.colours() { text.ansi().to_string() } else { text.to_string() };
    match usage.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            console.out.write_all(text.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            console.err.write_all(text.as_bytes())?;
            Ok(ExitCode::from(WRONG))
        }
    }
}

/// Nobody reads any more: whoever closed a pipe knows, and needs no message.
fn closed(error: &io::Error) -> ExitCode {
    match error.kind() {
        io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        _ => ExitCode::from(FAILED),
    }
}

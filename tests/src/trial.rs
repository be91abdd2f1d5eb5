//! Trials from texts, run in this process.

use crate::Tables;
use proband_analysis::{Accumulator, Finding, InMemory as Columns, findings};
use proband_diag::{Faults, InMemory, Sources, Style};
use proband_engine::tables::Kept;
use proband_engine::{EnrolError, Enrolment, Plan, Unwatched, enrol, repeat, simulate};
use proband_trial::{Trial, open_trial};
use std::collections::BTreeMap;

/// A checked trial from its text and those of the files beside it.
///
/// # Panics
/// With all faults, if it has one.
#[must_use]
pub fn open(toml: &str, files: &[(&str, &str)]) -> Trial {
    let beside = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let mut all: BTreeMap<String, String> = beside.collect();
    all.insert("trial.toml".to_owned(), toml.to_owned());
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let trial = open_trial("trial.toml", &InMemory(all), &[], &mut sources, &mut faults);
    trial.unwrap_or_else(|| {
        panic!("{}", faults.render(&sources, Style::Human { colour: false }))
    })
}

/// A trial made ready to run.
///
/// # Panics
/// With what stands in the way.
#[must_use]
pub fn plan(trial: &Trial) -> Plan<'_> {
    Plan::new(trial).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Enrols a plan's participants.
///
/// # Panics
/// If too few are eligible.
#[must_use]
pub fn enrolled(plan: &Plan<'_>) -> Enrolment {
    enrol(plan, &Unwatched).unwrap_or_else(|error| panic!("{error}"))
}

/// Why nobody could be enrolled.
///
/// # Panics
/// If they could.
#[must_use]
pub fn refused(plan: &Plan<'_>) -> EnrolError {
    enrol(plan, &Unwatched).expect_err("too few are eligible")
}

/// The tables of a plan.
///
/// # Panics
/// If it cannot be run.
#[must_use]
pub fn simulated(plan: &Plan<'_>) -> Tables {
    let sink = Kept::default();
    simulate(plan, &enrolled(plan), &sink, &Unwatched).expect("rows are kept in memory");
    Tables::of(sink)
}

/// The findings of a plan.
///
/// # Panics
/// If it cannot be run.
#[must_use]
pub fn found(plan: &Plan<'_>) -> Vec<Finding> {
    let (sink, enrolment) = (Kept::default(), enrolled(plan));
    simulate(plan, &enrolment, &sink, &Unwatched).expect("rows are kept in memory");
    let mut columns = Columns::new();
    sink.into_shards().into_values().for_each(|shard| columns.push(shard.columns));
    let sums = Accumulator::read(&plan.layout, &columns).expect("columns are in memory");
    findings(&plan.layout, &sums, Some(&enrolment.screening), &columns, 0)
        .expect("columns are in memory")
}

/// The tables of the repetitions of a plan, findings among them.
///
/// # Panics
/// If it cannot be run.
#[must_use]
pub fn repeated(plan: &Plan<'_>) -> Tables {
    let sink = Kept::default();
    repeat(plan, &sink, &Unwatched).expect("rows are kept in memory");
    Tables::of(sink)
}

/// The tables of a trial.
#[must_use]
pub fn run(toml: &str, files: &[(&str, &str)]) -> Tables {
    let trial = open(toml, files);
    simulated(&plan(&trial))
}

/// The tables of a trial that runs on so many threads.
#[must_use]
pub fn run_on(threads: usize, toml: &str, files: &[(&str, &str)]) -> Tables {
    on(threads, || run(toml, files))
}

/// What comes of work on so many threads.
///
/// # Panics
/// If there are no threads.
pub fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads can be made").install(work)
}

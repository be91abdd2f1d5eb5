//! The tables of a run open in DuckDB, Polars, pandas and pyarrow.
//!
//! `PROBAND_READERS` names a python that has all four; without it these tests say so and end.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use proband::{Backend, Ended, Form, Override, Share, Unwatched};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a small trial with every table, and lets the four readers compare what they see.
fn check(trial: &str, participants: &str) {
    let Some(python) = std::env::var_os("PROBAND_READERS") else {
        println!(
            "skipped: PROBAND_READERS names no python with duckdb, polars, pandas and pyarrow"
        );
        return;
    };
    let change =
        |path: &str, value: &str| Override { path: path.to_owned(), value: value.to_owned() };
    let changes =
        [change("design.participants", participants), change("output.level", "\"truth\"")];
    let path = here(&format!("../trials/{trial}.toml"));
    let opened = proband::open(&path.to_string_lossy(), &changes).expect("a trial of ours");
    let folder = TempDir::new().expect("a folder for the run");
    let ended = proband::run(&opened, folder.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    let read = Command::new(python)
        .arg(here("readers/read_tables.py"))
        .arg(&finished.folder)
        .output()
        .expect("the python of PROBAND_READERS starts");
    let said = String::from_utf8_lossy(&read.stdout);
    println!("{said}");
    let complained = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{said}\n{complained}");
    for table in &finished.manifest.tables {
        assert!(said.contains(&format!("{} {} rows", table.table, table.rows)), "{said}");
    }
}

#[test]
fn the_four_readers_agree_on_adverse_events_and_concentrations() {
    check("empa-reg-mono", "60");
}

#[test]
fn the_four_readers_agree_on_times_and_grades() {
    check("docetaxel-neutropenia", "30");
}

#[test]
fn the_four_readers_agree_on_one_participant() {
    check("glucose-linear", "1");
}

#[test]
fn the_list_of_a_data_set_is_enough_to_read_it() {
    let Some(python) = std::env::var_os("PROBAND_READERS") else {
        println!("skipped: PROBAND_READERS names no python with duckdb and polars");
        return;
    };
    let path = here("../trials/empa-reg-mono.toml");
    let opened = proband::open(&path.to_string_lossy(), &[]).expect("a trial of ours");
    let home = TempDir::new().expect("a folder for the run");
    let run = home.path().join("run");
    proband::plan_run(&opened, &run, &Unwatched).expect("a plan");
    let backend = Backend::detect();
    proband::work_on(&run, Share::ALL, backend, &Unwatched).expect("work");
    proband::merge(&run, Form::Shards, backend).expect("a merge");
    let read = Command::new(python).arg(here("readers/read_dataset.py")).arg(&run).output();
    let read = read.expect("the python of PROBAND_READERS starts");
    let complained = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{complained}");
    assert_eq!(String::from_utf8_lossy(&read.stdout), "adsl 676 676\n");
}

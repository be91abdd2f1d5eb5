//! The tables of a run open in DuckDB, Polars, pandas and pyarrow.
//!
//! `PROBAND_READERS` names a python that has all four; without it these tests say so and end.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use proband::{Ended, Override, Unwatched};
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

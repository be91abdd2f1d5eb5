//! Twins whose covariates are rows of a file: the people of a finished run become those of another.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband::{Ended, Finished, Override, STARTER, Unwatched};
use proband_store::{UserTable, read_table};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn run(home: &Path, text: &str, participants: u32) -> Finished {
    let trial = home.join("trial.toml");
    fs::write(&trial, text).unwrap();
    let few = Override { path: "design.participants".into(), value: participants.to_string() };
    let opened = proband::open(trial.to_str().unwrap(), &[few]).unwrap();
    match proband::run(&opened, &home.join("outputs"), &Unwatched).unwrap() {
        Ended::Finished(finished) => *finished,
        interrupted => panic!("{interrupted:?}"),
    }
}

fn people(run: &Finished) -> UserTable {
    read_table(&run.folder.join("adsl.parquet")).unwrap()
}

/// The starter with its weights taken from a file, one row a twin, in order.
fn with_people(file: &str) -> String {
    let drawn = STARTER.lines().find(|line| line.starts_with("weight")).unwrap();
    let taken = "weight = { column = \"WEIGHT\", unit = \"kg\" }";
    let file = format!("[population.file]\npath = \"{file}\"\ndraw = \"in order\"\n");
    format!("{}\n{file}", STARTER.replace(drawn, taken))
}

#[test]
fn people_of_a_parquet_file_and_of_a_csv_file_are_the_same() {
    let home = TempDir::new().unwrap();
    let donors = people(&run(home.path(), STARTER, 120));
    let weights = donors.numbers("WEIGHT").unwrap();
    fs::copy(
        run(home.path(), STARTER, 120).folder.join("adsl.parquet"),
        home.path().join("donors.parquet"),
    )
    .unwrap();
    let mut csv = String::from("WEIGHT\n");
    weights.iter().for_each(|weight| writeln!(csv, "{weight}").unwrap());
    fs::write(home.path().join("donors.csv"), csv).unwrap();
    for file in ["donors.parquet", "donors.csv"] {
        let taken = people(&run(home.path(), &with_people(file), 40));
        let twins = taken.numbers("TWIN").unwrap();
        let found = taken.numbers("WEIGHT").unwrap();
        assert_eq!(found.len(), 40);
        for (twin, weight) in twins.iter().zip(found) {
            assert_eq!(weight.to_bits(), weights[*twin as usize].to_bits(), "{file}");
        }
    }
}

#[test]
fn a_file_with_fewer_people_than_the_trial_needs_says_so() {
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("few.csv"), "WEIGHT\n70\n80\n").unwrap();
    let trial = home.path().join("trial.toml");
    fs::write(&trial, with_people("few.csv")).unwrap();
    let opened = proband::open(trial.to_str().unwrap(), &[]).unwrap();
    let error = proband::run(&opened, &home.path().join("outputs"), &Unwatched).unwrap_err();
    assert!(error.to_string().contains("the file ends"), "{error}");
}

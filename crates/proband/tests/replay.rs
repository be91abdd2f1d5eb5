//! A participant simulated again is the one of the run, to the bit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband::{Ended, Error, Finished, Override, Replayed, STARTER, TwinKey, Unwatched};
use proband_store::{UserTable, read_table};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The starter trial, run with few participants.
fn run(home: &TempDir) -> Finished {
    let trial = home.path().join("trial.toml");
    fs::write(&trial, STARTER).unwrap();
    let few = Override { path: "design.participants".into(), value: "150".into() };
    let opened = proband::open(trial.to_str().unwrap(), &[few]).unwrap();
    match proband::run(&opened, &home.path().join("outputs"), &Unwatched).unwrap() {
        Ended::Finished(finished) => *finished,
        interrupted => panic!("{interrupted:?}"),
    }
}

fn replay(run: &Path, twin: u64, arm: &str) -> Result<Replayed, Error> {
    proband::replay(run, TwinKey::first(twin), arm, Some("1 week"))
}

fn table(run: &Finished, name: &str) -> UserTable {
    read_table(&run.folder.join(name)).unwrap()
}

/// Time, value and visit of every record of a participant, as written.
fn written(records: &UserTable, subject: &str) -> Vec<(u64, u64, String)> {
    let subjects = records.texts("USUBJID").unwrap();
    let visits = records.texts("AVISIT").unwrap();
    let (times, values) = (records.numbers("ATIME").unwrap(), records.numbers("AVAL").unwrap());
    let own = (0..records.rows).filter(|&row| subjects[row].as_deref() == Some(subject));
    own.map(|r| (times[r].to_bits(), values[r].to_bits(), visits[r].clone().unwrap())).collect()
}

#[test]
fn a_replay_has_the_bits_of_the_run() {
    let home = TempDir::new().unwrap();
    let run = run(&home);
    // Replay needs nothing but the folder of the run.
    fs::remove_file(home.path().join("trial.toml")).unwrap();
    let (participants, records) = (table(&run, "adsl.parquet"), table(&run, "adlb.parquet"));
    let subjects = participants.texts("USUBJID").unwrap();
    let arms = participants.texts("ARMCD").unwrap();
    let twins = participants.numbers("TWIN").unwrap();
    let mut compared = 0;
    for row in (0..participants.rows).step_by(7) {
        let arm = arms[row].as_ref().unwrap();
        let replayed = replay(&run.folder, twins[row] as u64, arm).unwrap().replay;
        let again: Vec<(u64, u64, String)> = replayed
            .records
            .iter()
            .map(|r| (r.day.to_bits(), r.value.to_bits(), r.visit.clone()))
            .collect();
        assert_eq!(again, written(&records, subjects[row].as_ref().unwrap()), "row {row}");
        compared += again.len();
        assert_eq!(replayed.days.len(), 9, "weeks 0 to 8");
    }
    assert_eq!(compared, 22 * 4, "four visits of every seventh participant");
}

#[test]
fn a_twin_in_another_arm_has_the_same_start() {
    let home = TempDir::new().unwrap();
    let run = run(&home);
    let participants = table(&run, "adsl.parquet");
    let twin = participants.numbers("TWIN").unwrap()[0] as u64;
    let of = |arm| replay(&run.folder, twin, arm).unwrap().replay;
    let (placebo, active) = (of("placebo"), of("active"));
    assert_eq!(placebo.records[0], active.records[0], "the baseline knows no arm");
    let last = |replay: &proband::Replay| replay.records[3].value.to_bits();
    assert_ne!(last(&placebo), last(&active));
    assert_eq!((placebo.doses.len(), active.doses.len()), (0, 56));
}

/// The starter trial with its model in files of other folders, in a folder of its own.
fn scattered(home: &TempDir) -> String {
    let (before, rest) = STARTER.split_once("text = \'\'\'\n").unwrap();
    let (model, after) = rest.split_once("\'\'\'").unwrap();
    let trial = format!("{before}file = \"../shared/bp.model\"{after}");
    let shared = "model shared\ntime h\n\nparam offset = 0 mmHg\n";
    let user = model.replace("time h\n", "time h\nuse \"../more/./offset.model\" as o\n");
    let user = user.replace("= base - fall ~", "= base - fall + o.offset ~");
    for (name, text) in [
        ("trials/trial.toml", trial.as_str()),
        ("shared/bp.model", user.as_str()),
        ("more/offset.model", shared),
    ] {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home.path().join("trials/trial.toml").display().to_string()
}

#[test]
fn a_run_is_the_same_and_replayed_wherever_its_files_are() {
    let few = [Override { path: "design.participants".into(), value: "10".into() }];
    let run = |home: &TempDir| {
        let opened = proband::open(&scattered(home), &few).map_err(|e| e.to_string()).unwrap();
        match proband::run(&opened, &home.path().join("outputs"), &Unwatched).unwrap() {
            Ended::Finished(finished) => *finished,
            interrupted => panic!("{interrupted:?}"),
        }
    };
    let homes = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let (here, there) = (run(&homes[0]), run(&homes[1]));
    assert_eq!(here.manifest, there.manifest);
    let names: Vec<&str> = here.manifest.inputs.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["trial.toml", "../shared/bp.model", "../more/offset.model"]);
    for folder in ["trials", "shared", "more"] {
        fs::remove_dir_all(homes[0].path().join(folder)).unwrap();
    }
    let twin = table(&here, "adsl.parquet").numbers("TWIN").unwrap()[0] as u64;
    assert_eq!(replay(&here.folder, twin, "active").unwrap().replay.records.len(), 4);
}

fn fault(of: Result<Replayed, Error>) -> String {
    match of {
        Err(error @ Error::Faulty(_)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let home = TempDir::new().unwrap();
    let run = run(&home);
    let refused = table(&run, "exclusions.parquet");
    let twin = refused.numbers("TWIN").unwrap()[0] as u64;
    let criterion = refused.texts("REASON").unwrap()[0].clone().unwrap();
    let told = fault(replay(&run.folder, twin, "active"));
    assert!(told.contains("was not enrolled") && told.contains(&criterion), "{told}");
    let told = fault(replay(&run.folder, 1_000_000, "active"));
    assert!(told.contains("the run drew"), "{told}");
    assert!(fault(replay(&run.folder, twin, "activ")).contains("did you mean `active`?"));
    let told =
        fault(proband::replay(&run.folder, TwinKey::first(twin), "active", Some("1 mg")));
    assert!(told.contains("`1 mg` is no time"), "{told}");
    let told =
        fault(proband::replay(&run.folder, TwinKey::first(twin), "active", Some("1e-9 s")));
    assert!(told.contains("makes no table"), "{told}");
    assert!(fault(replay(home.path(), twin, "active")).contains("holds no finished run"));
}

#[test]
fn changed_copies_and_other_versions_are_not_replayed() {
    let home = TempDir::new().unwrap();
    let run = run(&home);
    let manifest = run.folder.join("run.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let older = text
        .replace(&format!("\"version\": \"{}\"", proband::VERSION), "\"version\": \"0.0.1\"");
    let copy = run.folder.join("inputs/1-trial.toml");
    fs::write(&copy, STARTER.replace("150 mmHg", "151 mmHg")).unwrap();
    let told = fault(replay(&run.folder, 1, "active"));
    assert!(told.contains("copies of the inputs") && told.contains("changed"), "{told}");
    fs::write(&manifest, older).unwrap();
    let told = fault(replay(&run.folder, 1, "active"));
    assert!(told.contains("was made by proband 0.0.1"), "{told}");
}

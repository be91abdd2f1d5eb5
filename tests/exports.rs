//! What `proband export` leaves is read back by independent tools, value by value.
//!
//! `PROBAND_READERS` names a python that has them (`exports/check.py` lists which); without it those tests say
//! so and end.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use proband::{Ended, Error, ExportForm, Override, Unwatched};
use proband_engine::tables::{Batch, adlb, dated, findings};
use proband_store::{ParquetSink, Provenance, RunFolder, RunManifest};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder of a small run of a trial, with every table.
fn run(trial: &str, participants: &str, home: &TempDir) -> PathBuf {
    let change =
        |path: &str, value: &str| Override { path: path.to_owned(), value: value.to_owned() };
    let changes =
        [change("design.participants", participants), change("output.level", "\"truth\"")];
    let path = here(&format!("../trials/{trial}.toml"));
    let opened = proband::open(&path.to_string_lossy(), &changes).expect("a trial of ours");
    let ended = proband::run(&opened, home.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    finished.folder
}

/// A text of 470 bytes, with blanks and characters beyond ASCII where it is cut.
fn long_text() -> String {
    "a rather long remark, ".repeat(9) + &" ".repeat(30) + &"µmol/L ≥ 1; ".repeat(16)
}

/// A run with what formats find hard: long texts, characters beyond ASCII, fields with separators, infinite,
/// tiny and large numbers, dates, columns and rows without a value.
fn hard_run(home: &TempDir) -> PathBuf {
    written(home, &[hard_records(), hard_findings()])
}

/// A finished run of these tables.
fn written(home: &TempDir, tables: &[Batch]) -> PathBuf {
    let folder = RunFolder::below(home.path(), "HARD", "0123456789abcdef");
    let provenance = Provenance {
        trial: "HARD".to_owned(),
        run: "0123456789abcdef".to_owned(),
        version: "0.1.0".to_owned(),
        seed: 1,
        hashes: Vec::new(),
    };
    let sink = ParquetSink::open(folder, provenance).expect("a new folder");
    sink.commit(0, tables, &[]).expect("a shard");
    let tables = sink.assemble(1, |_| true).expect("the tables");
    let path = sink.folder().path().to_owned();
    let manifest: RunManifest = serde_json::from_value(serde_json::json!({
        "form": 1, "run": "0123456789abcdef", "trial": "HARD", "title": "Hard & <odd> \"values\"",
        "arms": ["A"], "version": "0.1.0", "seed": 1, "replicates": 1, "level": "records",
        "inputs": [], "defaults": {}, "methods": {}, "counts": {}, "exclusions": [],
        "tables": tables,
    }))
    .expect("a manifest");
    sink.finish(&manifest).expect("a finished run");
    path
}

fn hard_records() -> Batch {
    let mut batch = Batch::new(Arc::new(dated(adlb())));
    let schema = Arc::clone(batch.schema());
    let at = |name| schema.at(name);
    let values =
        [0.1, -1.0 / 3.0, 0.0, f64::NAN, 1e-70, -7e75, 123_456_789.123_456_7, f64::EPSILON];
    for (row, value) in values.into_iter().enumerate() {
        batch.text(at("STUDYID"), "HARD");
        batch.integer(at("REPLICATE"), 1);
        batch.text(at("USUBJID"), &format!("HARD-{row:03}"));
        batch.text(at("TRT01A"), ["comma, \"quoted\"", "line\nbreak", "µg ≥ 2"][row % 3]);
        batch.text(at("PARAMCD"), "GLUC");
        batch.number(at("AVISITN"), row as f64);
        batch.integer(at("ADY"), (row > 2).then_some(i32::MAX));
        batch.date(at("ADT"), [Some(-3654), Some(18_231), None][row % 3]);
        batch.number(at("AVAL"), value);
        batch.flag(at("ABLFL"), [Some(true), Some(false), None][row % 3]);
        batch.end_row();
    }
    batch
}

fn hard_findings() -> Batch {
    let mut batch = Batch::new(Arc::new(findings()));
    let schema = Arc::clone(batch.schema());
    for row in 0..3 {
        batch.text(schema.at("STUDYID"), "HARD");
        batch.number(schema.at("LOWER"), [f64::NEG_INFINITY, 0.5, f64::NAN][row]);
        batch.number(schema.at("UPPER"), [1.5, f64::INFINITY, f64::NAN][row]);
        batch.text(
            schema.at("NOTE"),
            &[long_text(), "short".to_owned(), " ".repeat(150) + "x"][row],
        );
        batch.end_row();
    }
    batch
}

/// Exports a run in every format, and lets the tools compare.
fn check(run: &Path) {
    let Some(python) = std::env::var_os("PROBAND_READERS") else {
        println!(
            "skipped: PROBAND_READERS names no python with the readers of exports/check.py"
        );
        return;
    };
    let python = Path::new(&python);
    let export = |form: ExportForm, out: Option<&Path>, duckdb: &Path| {
        let exported = proband::export(run, form, out, Some(duckdb)).expect("an export");
        format!("{}={}", form.name(), exported.folder.display())
    };
    let mut exports: Vec<String> =
        ExportForm::ALL.map(|form| export(form, None, python)).into();
    // The package `duckdb-cli` puts DuckDB's own command beside the python.
    let command = python.with_file_name("duckdb");
    if command.exists() {
        exports.push(export(ExportForm::DuckDb, Some(&run.join("by command")), &command));
    }
    let read =
        Command::new(python).arg(here("exports/check.py")).arg(run).args(&exports).output();
    let read = read.expect("the python of PROBAND_READERS starts");
    let said = String::from_utf8_lossy(&read.stdout);
    let complained = String::from_utf8_lossy(&read.stderr);
    println!("{said}");
    assert!(read.status.success(), "{said}\n{complained}");
    assert_eq!(said.matches("tables agree").count(), exports.len(), "{said}");
}

#[test]
fn readers_find_the_values_of_a_trial() {
    let home = TempDir::new().expect("a folder");
    check(&run("docetaxel-neutropenia", "12", &home));
}

#[test]
fn readers_find_values_that_are_hard_to_write() {
    let home = TempDir::new().expect("a folder");
    check(&hard_run(&home));
}

/// The bytes of every file of a folder.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    entries.map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

#[test]
fn an_export_again_has_the_same_bytes_and_says_what_did_not_fit() {
    let home = TempDir::new().expect("a folder");
    let run = hard_run(&home);
    for form in [ExportForm::Csv, ExportForm::DatasetJson, ExportForm::Xpt, ExportForm::Arrow] {
        let exported = proband::export(&run, form, None, None).expect("an export");
        let before = bytes(&exported.folder);
        assert_eq!(before.len(), exported.files.len());
        assert_eq!(exported.files.last().map(String::as_str), Some("define.xml"));
        proband::export(&run, form, None, None).expect("the same export");
        assert_eq!(bytes(&exported.folder), before, "{}", form.name());
        let notes = exported.notes.join("\n");
        match form {
            ExportForm::DatasetJson => {
                assert!(
                    notes.contains("findings: 1 infinite numbers of LOWER are missing"),
                    "{notes}"
                );
            }
            ExportForm::Xpt => {
                assert!(notes.contains("STATISTIC as STATISTI"), "{notes}");
                assert!(notes.contains("NOTE as NOTE1, NOTE as NOTE2"), "{notes}");
                assert!(notes.contains("adlb: TRT01A with characters beyond ASCII"), "{notes}");
            }
            _ => assert_eq!(notes, ""),
        }
    }
}

/// What is told of an export that fails.
fn refused(run: &Path, form: ExportForm, out: Option<&Path>, duckdb: Option<&Path>) -> String {
    match proband::export(run, form, out, duckdb) {
        Ok(_) => panic!("it was exported"),
        Err(error @ (Error::Faulty(_) | Error::Failed(_))) => error.to_string(),
    }
}

#[test]
fn what_stands_in_the_way_is_told() {
    let home = TempDir::new().expect("a folder");
    let run = hard_run(&home);
    let elsewhere = home.path().join("nothing");
    let told = refused(&elsewhere, ExportForm::Csv, None, None);
    assert!(told.contains("holds no finished run"), "{told}");
    let file = home.path().join("file");
    fs::write(&file, "").expect("a file");
    let told = refused(&run, ExportForm::Csv, Some(&file), None);
    assert!(told.contains("cannot create"), "{told}");
    let told = refused(&run, ExportForm::DuckDb, None, Some(Path::new("/nowhere/duckdb")));
    assert!(told.contains("`/nowhere/duckdb` could not make the DuckDB file"), "{told}");
    let script = fs::read_to_string(run.join("export/duckdb/load.sql")).expect("the script");
    assert!(
        script.contains("CREATE TABLE findings") && script.contains("CREATE VIEW comparisons")
    );
    assert!(!script.contains("CREATE VIEW disposition"), "there is no adsl");
    let table = run.join("adlb.parquet");
    let mut content = fs::read(&table).expect("a table");
    content[100] ^= 1;
    fs::write(&table, content).expect("a file");
    let told = refused(&run, ExportForm::Csv, None, None);
    assert!(told.contains("was changed after the run had finished"), "{told}");
    assert!(!run.join("export/csv/define.xml").exists(), "the export is not whole");
}

#[test]
fn a_number_that_xport_has_no_place_for_is_a_fault() {
    let home = TempDir::new().expect("a folder");
    let mut batch = Batch::new(Arc::new(findings()));
    let schema = Arc::clone(batch.schema());
    batch.number(schema.at("ESTIMATE"), 1e80);
    batch.end_row();
    let run = written(&home, &[batch]);
    let told = refused(&run, ExportForm::Xpt, None, None);
    assert!(told.contains("`findings` has the number 1e80 in `ESTIMATE`"), "{told}");
    assert_eq!(fs::read_dir(run.join("export/xpt")).expect("its folder").count(), 0);
}

//! What a run leaves: whole files, the same whatever came first, and nothing that is not its own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband_analysis::ColumnSource;
use proband_engine::tables::{
    Batch, Schema, Sink, TableId, adlb, adsl, exclusions, subject_id,
};
use proband_store::{
    ParquetSink, Provenance, RunFolder, RunManifest, Standing, StoreError, TableFile,
    read_table, run_id,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const RUN: &str = "0123456789abcdef";

fn provenance() -> Provenance {
    Provenance {
        trial: "TEST".into(),
        run: RUN.into(),
        version: "0.1.0".into(),
        seed: 7,
        hashes: vec![("trial.toml".into(), "00ff".into())],
    }
}

fn manifest(tables: Vec<TableFile>) -> RunManifest {
    RunManifest {
        form: 1,
        run: RUN.into(),
        trial: "TEST".into(),
        title: None,
        about: BTreeMap::new(),
        arms: vec!["Placebo".into()],
        version: "0.1.0".into(),
        seed: 7,
        replicates: 1,
        scenarios: Vec::new(),
        level: "records".into(),
        inputs: Vec::new(),
        overrides: Vec::new(),
        defaults: BTreeMap::new(),
        methods: BTreeMap::new(),
        counts: BTreeMap::from([("enrolled".into(), 4)]),
        exclusions: Vec::new(),
        tables,
    }
}

fn folder(home: &TempDir) -> RunFolder {
    RunFolder::below(home.path(), "TEST", RUN)
}

fn sink(home: &TempDir) -> ParquetSink {
    ParquetSink::open(folder(home), provenance()).unwrap()
}

/// The records of a few participants, `visits` each, visit by visit as a simulation makes them.
fn records(participants: std::ops::Range<u64>, visits: u32) -> Batch {
    let mut batch = Batch::new(Arc::new(adlb()));
    let schema = Arc::clone(batch.schema());
    let at = |name| schema.at(name);
    for visit in 0..visits {
        for twin in participants.clone() {
            for parameter in ["HBA1C", "FPG"] {
                batch.text(at("STUDYID"), "TEST");
                batch.integer(at("REPLICATE"), 1);
                batch.text(at("USUBJID"), &subject_id("TEST", twin, 6, None));
                batch.text(at("PARAMCD"), parameter);
                batch.number(at("AVISITN"), f64::from(visit));
                batch.integer(at("ADY"), visit as i32 * 7 + 1);
                batch.number(at("AVAL"), value(twin, visit));
                batch.flag(at("ABLFL"), (visit == 0).then_some(true));
                batch.end_row();
            }
        }
    }
    batch
}

/// An unrounded number that differs from row to row; one in eleven is missing.
fn value(twin: u64, visit: u32) -> f64 {
    let k = twin * 1009 + u64::from(visit);
    if k.is_multiple_of(11) { f64::NAN } else { (k as f64).sqrt() }
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// The file of a table in a shard; one attempt was made at it.
fn shard_file(home: &TempDir, shard: u32, table: &str) -> PathBuf {
    let shard = folder(home).path().join(format!(".partial/shards/{shard:06}"));
    let mut files = fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| path.to_string_lossy().contains(&format!("/{table}."));
    files.find(is_it).unwrap()
}

/// Every file of a finished run, by name.
fn files(folder: &RunFolder) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().into(), bytes(&path))).collect()
}

/// Runs four shards in an order and finishes.
fn finished(home: &TempDir, order: [u32; 4], participants: u64, visits: u32) -> RunFolder {
    let sink = sink(home);
    for index in order {
        let first = u64::from(index) * participants;
        sink.shard(index, &[records(first..first + participants, visits)], &[]).unwrap();
    }
    let tables = sink.assemble(4, |_| true).unwrap();
    let folder = sink.folder().clone();
    sink.finish(&manifest(tables)).unwrap();
    folder
}

#[test]
fn what_is_written_is_what_was_handed_over() {
    let home = TempDir::new().unwrap();
    let folder = finished(&home, [0, 1, 2, 3], 5, 3);
    let table = read_table(&folder.table("adlb")).unwrap();
    assert_eq!(table.rows, 4 * 5 * 3 * 2);
    let mut expected = Vec::new();
    for twin in 0..20 {
        for parameter in ["FPG", "HBA1C"] {
            for visit in 0..3 {
                expected.push((subject_id("TEST", twin, 6, None), parameter, visit, twin));
            }
        }
    }
    let subjects = table.texts("USUBJID").unwrap();
    let parameters = table.texts("PARAMCD").unwrap();
    let baseline = table.texts("ABLFL").unwrap();
    let values = table.numbers("AVAL").unwrap();
    for (row, (subject, parameter, visit, twin)) in expected.into_iter().enumerate() {
        assert_eq!(subjects[row].as_deref(), Some(subject.as_str()));
        assert_eq!(parameters[row].as_deref(), Some(parameter));
        assert_eq!(baseline[row].as_deref(), (visit == 0).then_some("Y"));
        assert_eq!(table.numbers("ADY").unwrap()[row] as u32, visit * 7 + 1);
        let wanted = value(twin, visit);
        assert!(values[row].to_bits() == wanted.to_bits() || wanted.is_nan());
        assert_eq!(values[row].is_nan(), wanted.is_nan());
    }
    // Never set: missing throughout.
    assert!(table.numbers("CHG").unwrap().iter().all(|change| change.is_nan()));
    assert!(table.texts("AVALC").unwrap().iter().all(Option::is_none));
}

#[test]
fn the_order_in_which_shards_arrive_changes_no_byte() {
    // Small shards are encoded again, shards of 80,000 rows are copied.
    for (participants, visits) in [(5, 3), (2000, 20)] {
        let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let one = finished(&one, [0, 1, 2, 3], participants, visits);
        let other = finished(&other, [2, 3, 0, 1], participants, visits);
        assert!(files(&one) == files(&other), "{participants} participants");
        assert_eq!(files(&one).len(), 2);
    }
}

#[test]
fn threads_change_no_byte() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let one = finished(&one, [0, 1, 2, 3], 50, 4);
    let sink = sink(&other);
    std::thread::scope(|scope| {
        for index in 0..4_u32 {
            let sink = &sink;
            scope.spawn(move || {
                let first = u64::from(index) * 50;
                sink.shard(index, &[records(first..first + 50, 4)], &[]).unwrap();
            });
        }
    });
    let tables = sink.assemble(4, |_| true).unwrap();
    let folder = sink.folder().clone();
    sink.finish(&manifest(tables)).unwrap();
    assert!(files(&one) == files(&folder));
}

#[test]
fn the_order_in_which_levels_were_met_changes_no_byte() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let plain = records(0..5, 2);
    let mut met = Batch::new(Arc::new(adlb()));
    let column = met.schema().at("PARAMCD");
    met.level(column, "ZZZ");
    met.level(column, "FPG");
    met.clear();
    met.level(column, "FPG");
    copy(&plain, &mut met);
    for (home, batch) in [(&one, plain), (&other, met)] {
        sink(home).shard(0, &[batch], &[]).unwrap();
    }
    let path = |home: &TempDir| shard_file(home, 0, "adlb");
    assert!(bytes(&path(&one)) == bytes(&path(&other)));
}

/// Appends every row.
fn copy(from: &Batch, to: &mut Batch) {
    use proband_engine::tables::{ColumnId, Values};
    for row in 0..from.rows() {
        for index in 0..from.schema().columns.len() {
            let column = ColumnId(index);
            match from.values(column) {
                Values::Numbers(values) => to.number(column, values[row]),
                Values::Integers(values) => to.integer(column, values[row]),
                Values::Flags(values) => to.flag(column, values[row]),
                Values::Dates(values) => to.date(column, values[row]),
                Values::Texts(texts) => {
                    if let Some(text) = texts.get(row) {
                        to.text(column, text);
                    }
                }
            }
        }
        to.end_row();
    }
}

#[test]
fn copied_shards_hold_what_one_file_would() {
    let (many, one) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let many = finished(&many, [0, 1, 2, 3], 2000, 20);
    let whole = sink(&one);
    whole.shard(0, &[records(0..8000, 20)], &[]).unwrap();
    whole.assemble(1, |_| true).unwrap();
    let direct = read_table(&folder(&one).table("adlb")).unwrap();
    let assembled = read_table(&many.table("adlb")).unwrap();
    assert_eq!(direct.rows, assembled.rows);
    for (a, b) in direct.columns.iter().zip(&assembled.columns) {
        // Debug output, because missing numbers are not equal to themselves.
        assert!(format!("{a:?}") == format!("{b:?}"), "{}", a.name);
    }
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let home = TempDir::new().unwrap();
    let first = sink(&home);
    first.shard(0, &[records(0..5, 3)], &[]).unwrap();
    first.shard(2, &[records(10..15, 3)], &[]).unwrap();
    drop(first);
    // Killed within shard 1: a file and half of another, and no manifest.
    let shard = folder(&home).path().join(".partial/shards/000001");
    fs::create_dir_all(&shard).unwrap();
    fs::write(shard.join("adlb.parquet"), b"PAR1 of another world").unwrap();
    fs::write(shard.join("adsl.parquet.tmp"), b"PA").unwrap();
    assert_eq!(folder(&home).standing().unwrap(), Standing::Partial);

    let second = sink(&home);
    assert_eq!([0, 1, 2, 3].map(|index| second.has_shard(index)), [true, false, true, false]);
    let error = second.assemble(4, |_| true).unwrap_err();
    assert!(
        matches!(error, StoreError::Incomplete { missing: 2, expected: 4, first: 1, .. }),
        "{error}"
    );
    second.shard(1, &[records(5..10, 3)], &[]).unwrap();
    second.shard(3, &[records(15..20, 3)], &[]).unwrap();
    let tables = second.assemble(4, |_| true).unwrap();
    second.finish(&manifest(tables)).unwrap();

    let undisturbed = TempDir::new().unwrap();
    let undisturbed = finished(&undisturbed, [0, 1, 2, 3], 5, 3);
    assert!(files(&folder(&home)) == files(&undisturbed));
    assert!(matches!(folder(&home).standing().unwrap(), Standing::Finished(_)));
    assert!(!folder(&home).path().join(".partial").exists());
}

#[test]
fn a_run_killed_while_finishing_goes_on() {
    let home = TempDir::new().unwrap();
    let first = sink(&home);
    for index in 0..4_u32 {
        let participant = u64::from(index) * 5;
        first.shard(index, &[records(participant..participant + 5, 3)], &[]).unwrap();
    }
    first.assemble(4, |_| true).unwrap();
    drop(first);
    assert_eq!(folder(&home).standing().unwrap(), Standing::Partial);
    let second = sink(&home);
    let tables = second.assemble(4, |_| true).unwrap();
    second.finish(&manifest(tables)).unwrap();
    let undisturbed = TempDir::new().unwrap();
    assert!(files(&folder(&home)) == files(&finished(&undisturbed, [0, 1, 2, 3], 5, 3)));
}

#[test]
fn a_shard_that_was_changed_is_found_and_made_again() {
    let home = TempDir::new().unwrap();
    let first = sink(&home);
    first.shard(0, &[records(0..5, 3)], &[]).unwrap();
    let path = shard_file(&home, 0, "adlb");
    let mut content = bytes(&path);
    content[100] ^= 1;
    fs::write(&path, content).unwrap();
    let error = first.assemble(1, |_| true).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { path: found } if *found == path), "{error}");
    drop(first);
    assert!(!sink(&home).has_shard(0));
}

#[test]
fn other_files_are_left_alone() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("thesis");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("chapter.txt"), "words").unwrap();
    let error = ParquetSink::open(RunFolder::at(&path, RUN), provenance()).unwrap_err();
    assert!(matches!(error, StoreError::NotARun { .. }), "{error}");
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);

    let file = path.join("chapter.txt");
    let error = RunFolder::at(&file, RUN).standing().unwrap_err();
    assert!(error.to_string().contains("chapter.txt"), "{error}");
}

#[test]
fn another_run_is_not_overwritten() {
    let home = TempDir::new().unwrap();
    let folder = finished(&home, [0, 1, 2, 3], 1, 1);
    let other = RunFolder::at(folder.path(), "ffff");
    assert!(matches!(other.standing().unwrap_err(), StoreError::OtherRun { .. }));
    let partial = TempDir::new().unwrap();
    drop(sink(&partial));
    let other = RunFolder::at(self::folder(&partial).path(), "ffff");
    assert!(matches!(other.standing().unwrap_err(), StoreError::OtherRun { .. }));
}

#[test]
fn two_processes_do_not_share_a_folder() {
    let home = TempDir::new().unwrap();
    let first = sink(&home);
    let second = ParquetSink::open(folder(&home), provenance()).unwrap_err();
    assert!(matches!(second, StoreError::Busy { .. }), "{second}");
    drop(first);
    sink(&home);
}

#[test]
fn what_cannot_be_written_is_named_and_leaves_the_run_resumable() {
    let home = TempDir::new().unwrap();
    let sink = sink(&home);
    sink.shard(0, &[records(0..5, 1)], &[]).unwrap();
    // A file where the folder of the next shard should be.
    let obstacle = folder(&home).path().join(".partial/shards/000001");
    fs::write(&obstacle, "").unwrap();
    let error = sink.shard(1, &[records(5..10, 1)], &[]).unwrap_err();
    assert!(error.to_string().contains("000001"), "{error}");
    assert_eq!((sink.has_shard(0), sink.has_shard(1)), (true, false));
    fs::remove_file(obstacle).unwrap();
    sink.shard(1, &[records(5..10, 1)], &[]).unwrap();
    assert_eq!(sink.assemble(2, |_| true).unwrap()[0].rows, 20);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_named_and_leaves_the_run_resumable() {
    let home = TempDir::new().unwrap();
    let sink = sink(&home);
    sink.shard(0, &[records(0..5, 1)], &[]).unwrap();
    // Whoever writes the table's temporary file writes to a device that is always full.
    let temporary = folder(&home).path().join("adlb.parquet.tmp");
    std::os::unix::fs::symlink("/dev/full", &temporary).unwrap();
    let error = sink.assemble(1, |_| true).unwrap_err().to_string();
    assert!(error.contains("adlb.parquet") && error.contains("No space left"), "{error}");
    assert!(!temporary.is_symlink() && !folder(&home).table("adlb").exists());
    assert_eq!(sink.assemble(1, |_| true).unwrap()[0].rows, 10);
}

#[test]
fn a_finished_run_is_opened_by_its_path() {
    let home = TempDir::new().unwrap();
    let error = RunFolder::finished(home.path()).unwrap_err();
    assert!(matches!(error, StoreError::NotFinished { .. }), "{error}");
    let path = finished(&home, [0, 1, 2, 3], 1, 1).path().to_owned();
    let (folder, manifest) = RunFolder::finished(&path).unwrap();
    assert_eq!((folder.run(), manifest.tables[0].rows), (RUN, 8));
}

#[test]
fn tables_of_different_shards_and_empty_ones() {
    let home = TempDir::new().unwrap();
    let sink = sink(&home);
    let empty = Batch::new(Arc::new(exclusions()));
    let mut one = Batch::new(Arc::new(exclusions()));
    let twin = one.schema().at("TWIN");
    one.integer(twin, 17);
    one.end_row();
    sink.shard(0, &[empty, Batch::new(Arc::new(adlb()))], &[]).unwrap();
    sink.shard(1, &[one], &[]).unwrap();
    let rows: Vec<(String, u64)> =
        sink.assemble(2, |_| true).unwrap().into_iter().map(|t| (t.table, t.rows)).collect();
    assert_eq!(rows, [("adlb".into(), 0), ("exclusions".into(), 1)]);
    assert_eq!(read_table(&folder(&home).table("adlb")).unwrap().rows, 0);
    let read = read_table(&folder(&home).table("exclusions")).unwrap();
    assert_eq!(read.numbers("TWIN").unwrap(), [17.0]);
    assert_eq!(read.column("ATIME").unwrap().unit.as_deref(), Some("day"));
}

#[test]
fn columns_of_participants_come_back_in_the_order_of_the_shards() {
    let home = TempDir::new().unwrap();
    let sink = sink(&home);
    let column = |index: u32, k: u32| -> Vec<f64> {
        (0..20_000).map(|row| f64::from(index * 100_000 + k * 50_000 + row)).collect()
    };
    for index in [2, 0, 1] {
        sink.commit(index, &[], &[&column(index, 0), &column(index, 1)]).unwrap();
    }
    drop(sink);
    // After an interruption they are still there.
    let sink = self::sink(&home);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    sink.columns(0..3)
        .unwrap()
        .read(&[1, 0], &mut |chunk| {
            second.extend_from_slice(chunk[0]);
            first.extend_from_slice(chunk[1]);
        })
        .unwrap();
    assert_eq!(first, [0, 1, 2].map(|index| column(index, 0)).concat());
    assert_eq!(second, [0, 1, 2].map(|index| column(index, 1)).concat());
    assert!(sink.columns(0..3).unwrap().read(&[2], &mut |_| {}).is_err());
}

#[test]
fn of_thirty_two_writers_of_a_shard_one_wins() {
    let home = TempDir::new().unwrap();
    let lead = sink(&home);
    let writers: Vec<ParquetSink> =
        (0..32).map(|_| ParquetSink::join(folder(&home), provenance())).collect();
    let start = std::sync::Barrier::new(writers.len());
    std::thread::scope(|scope| {
        for writer in &writers {
            scope.spawn(|| {
                start.wait();
                writer.commit(0, &[records(0..5, 3)], &[&[1.0, 2.0]]).unwrap();
            });
        }
    });
    // The files of the winner are there, and of nobody else.
    let shard = folder(&home).path().join(".partial/shards/000000");
    let names = fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let of =
        |writer: &ParquetSink| names.iter().filter(|n| n.contains(writer.attempt())).count();
    let won: Vec<usize> = writers.iter().map(of).filter(|count| *count > 0).collect();
    assert_eq!(won, [2], "{names:?}");
    assert_eq!((lead.verify(0).unwrap(), lead.has_shard(0)), (None, true));
}

#[test]
fn run_ids_tell_inputs_apart() {
    let id = run_id(&[("trial", b"a"), ("seed", b"1")]);
    assert_eq!(id.len(), 16);
    assert_eq!(id, run_id(&[("trial", b"a"), ("seed", b"1")]));
    assert_ne!(id, run_id(&[("trial", b"as"), ("eed", b"1")]));
    assert_ne!(id, run_id(&[("seed", b"1"), ("trial", b"a")]));
}

#[test]
fn every_table_has_a_layout_and_a_name() {
    for table in TableId::ALL {
        assert_eq!(TableId::from_name(table.name()), Some(table));
    }
    let schema: Schema = adsl(&[], &["sex".into()]);
    assert!(schema.find("STRAT1R").is_some());
}

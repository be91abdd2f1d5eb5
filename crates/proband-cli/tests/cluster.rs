//! One run, many processes: planned, worked on by workers that are killed, doubled and cheated, and merged
//! to the bytes of a run in one process.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Files by name, with their contents.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A folder with the starter trial in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(TempDir::new().unwrap());
        home.proband(&["new", "trial.toml"], 0);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program, to be started in the folder, outside of whatever array job this test is in.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proband"));
        command.args(words).current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, words: &[&str]) -> Child {
        self.command(words).spawn().unwrap()
    }

    /// Runs the program, which has to exit with this code; gives what it said.
    fn proband(&self, words: &[&str], code: i32) -> String {
        said(self.command(words).output().unwrap(), code)
    }

    /// What one process makes of the trial with these changes.
    fn undisturbed(&self, changes: &[&str]) -> Files {
        self.proband(&[&["run", "trial.toml", "--out", "whole"], changes].concat(), 0);
        let only = |path: PathBuf| fs::read_dir(path).unwrap().next().unwrap().unwrap().path();
        files(&only(only(self.path("whole"))))
    }

    fn plan(&self, changes: &[&str]) {
        self.proband(&[&["plan", "trial.toml", "--out", "run"], changes].concat(), 0);
    }

    /// Merges, which has to give these files and nothing else.
    fn merges_to(&self, whole: &Files) {
        self.proband(&["merge", "run", "--compact"], 0);
        let merged = files(&self.path("run"));
        let names = |of: &Files| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&merged), names(whole));
        for (name, content) in whole {
            assert!(merged[name] == *content, "{}", name.display());
        }
    }

    /// Waits until a worker has written a file, or ended.
    fn wait_for_files(&self, worker: &mut Child) {
        let before = self.shard_files();
        while worker.try_wait().unwrap().is_none() && self.shard_files() == before {
            sleep(Duration::from_millis(2));
        }
    }

    /// Every file of the shards.
    fn shard_files(&self) -> Vec<PathBuf> {
        names(&self.path("run/.partial/shards"))
    }
}

/// Every file below a folder that others may be writing into.
fn names(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { all.extend(names(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

fn said(output: Output, code: i32) -> String {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "out:\n{out}\nerr:\n{err}");
    out + &err
}

/// Every file of a run but the timings.
fn files(run: &Path) -> Files {
    let mut files = Files::new();
    collect(run, Path::new(""), &mut files);
    files.remove(Path::new("timings.json")).unwrap();
    files
}

fn collect(folder: &Path, below: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(folder, &name, files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

const COHORT: &[&str] = &["--participants", "3000"];
const LARGE: &[&str] = &["--participants", "6000"];

#[test]
fn workers_make_the_run_that_one_process_makes() {
    let home = Home::new();
    let whole = home.undisturbed(COHORT);
    home.plan(COHORT);
    let told = home.proband(&["merge", "run"], 75);
    assert!(told.contains("missing shards: 0-23\n24 of 24 shards"), "{told}");
    // Every task twice at once.
    let words = |task| ["work", "run", "--tasks", "3", "--task", task];
    let workers: Vec<Child> =
        ["0", "1", "2", "0", "1", "2"].map(|task| home.start(&words(task))).into();
    for worker in workers {
        said(worker.wait_with_output().unwrap(), 0);
    }
    home.merges_to(&whole);
    let told = home.proband(&["merge", "run"], 0);
    assert!(told.contains("MY-TRIAL: One drug"), "a merge of what is merged shows it: {told}");
    // A task that is started once more has nothing to do, and leaves nothing.
    home.proband(&["work", "run", "--tasks", "3", "--task", "1"], 0);
    home.merges_to(&whole);
}

#[test]
fn repetitions_and_scenarios_are_shared_too() {
    let home = Home::new();
    let changes = ["--set", "simulation.replicates=60", "--set", "output.level=findings"];
    let scenario = "\n[scenario.small]\ndesign.participants = 100\n";
    let trial = fs::read_to_string(home.path("trial.toml")).unwrap();
    fs::write(home.path("trial.toml"), trial + scenario).unwrap();
    let whole = home.undisturbed(&changes);
    home.plan(&changes);
    for task in ["2", "3", "1"] {
        home.proband(&["work", "run", "--tasks", "3", "--task", task], 0);
    }
    home.merges_to(&whole);
}

#[test]
fn a_task_knows_its_place_in_an_array() {
    let home = Home::new();
    home.plan(COHORT);
    let told = said(
        home.command(&["work", "run"]).env("SLURM_ARRAY_TASK_ID", "3").output().unwrap(),
        65,
    );
    assert!(told.contains("SLURM_ARRAY_TASK_ID is set") && told.contains("--tasks"), "{told}");
    home.proband(&["work", "run", "--tasks", "4"], 65);
    for index in ["1", "2", "3", "4"] {
        let mut worker = home.command(&["work", "run", "--tasks", "4"]);
        said(worker.env("SGE_TASK_ID", index).output().unwrap(), 0);
    }
    home.proband(&["merge", "run"], 0);
}

#[test]
fn a_worker_that_is_killed_at_any_moment_leaves_nothing_wrong() {
    let home = Home::new();
    let whole = home.undisturbed(LARGE);
    home.plan(LARGE);
    let mut cut_short = 0;
    for moment in 0..20 {
        let mut worker = home.start(&["work", "run"]);
        home.wait_for_files(&mut worker);
        // 0 to 19 ms after it began to write, in a scattered order.
        sleep(Duration::from_millis(moment * 13 % 20));
        // It may have ended before.
        let _ = worker.kill();
        cut_short += u32::from(!worker.wait().unwrap().success());
    }
    assert!(cut_short > 10, "{cut_short} of 20 were killed");
    home.proband(&["work", "run"], 0);
    home.merges_to(&whole);
}

#[test]
fn a_worker_that_is_asked_to_stop_ends_in_time_and_can_go_on() {
    let home = Home::new();
    let whole = home.undisturbed(LARGE);
    home.plan(LARGE);
    for grace in ["60", "0"] {
        let mut worker = home.start(&["work", "run", "--threads", "1", "--grace", grace]);
        home.wait_for_files(&mut worker);
        signal(&worker, "-TERM");
        said(worker.wait_with_output().unwrap(), 75);
    }
    home.proband(&["work", "run"], 0);
    home.merges_to(&whole);
}

#[test]
fn damaged_shards_are_told_by_number_and_done_again() {
    let home = Home::new();
    let whole = home.undisturbed(COHORT);
    home.plan(COHORT);
    home.proband(&["work", "run"], 0);
    let of = |shard: &str, table: &str| {
        let is_it =
            |path: &PathBuf| path.to_string_lossy().contains(&format!("/{shard}/{table}."));
        home.shard_files().into_iter().find(is_it).unwrap()
    };
    let truncated = of("000003", "adsl");
    let length = fs::metadata(&truncated).unwrap().len();
    fs::File::options().write(true).open(&truncated).unwrap().set_len(length / 2).unwrap();
    fs::write(of("000007", "manifest"), "").unwrap();
    fs::remove_file(of("000011", "manifest")).unwrap();
    let told = home.proband(&["merge", "run"], 75);
    for part in ["shard 3 is damaged", "shard 7 is damaged", "missing shards: 11\n", "3 of 24"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    let told = home.proband(&["work", "run"], 0);
    assert!(told.contains("did 3 shards"), "{told}");
    home.merges_to(&whole);
}

#[test]
fn a_disk_that_takes_no_more_is_told_and_the_run_goes_on() {
    let home = Home::new();
    let whole = home.undisturbed(COHORT);
    home.plan(COHORT);
    let program = env!("CARGO_BIN_EXE_proband");
    // No file may be larger than a block of 512 bytes or of 1024.
    let limited = format!("trap '' XFSZ; ulimit -f 1; exec '{program}' work run");
    let worker = Command::new("sh").args(["-c", &limited]).current_dir(home.path("")).output();
    let told = said(worker.unwrap(), 75);
    assert!(told.contains("proband failed: cannot write `run/.partial/shards/"), "{told}");
    let left = home.shard_files();
    assert!(left.is_empty(), "{left:?}");
    home.proband(&["work", "run"], 0);
    home.merges_to(&whole);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let home = Home::new();
    home.plan(COHORT);
    let shards = home.path("run/.partial/shards");
    fs::remove_dir(&shards).unwrap();
    fs::write(&shards, "").unwrap();
    let told = home.proband(&["work", "run"], 65);
    assert!(told.contains("cannot create `run/.partial/shards/"), "{told}");
    fs::remove_file(&shards).unwrap();
    fs::create_dir(&shards).unwrap();
    home.proband(&["work", "run"], 0);
}

#[test]
fn what_is_no_plan_is_told() {
    let home = Home::new();
    let told = home.proband(&["work", "nowhere"], 65);
    assert!(told.contains("holds no run that is planned"), "{told}");
    home.plan(COHORT);
    let again =
        home.proband(&["plan", "trial.toml", "--out", "run", "--participants", "3000"], 0);
    assert!(again.contains("it was planned before"), "{again}");
    let told = home.proband(&["plan", "trial.toml", "--out", "run"], 1);
    assert!(told.contains("choose another folder"), "{told}");
    // A copy of an input that was changed is another trial.
    fs::write(home.path("run/inputs/1-trial.toml"), "").unwrap();
    let told = home.proband(&["work", "run"], 65);
    assert!(told.contains("the copies of the inputs"), "{told}");
}

#[test]
fn a_plan_depends_on_nothing_but_the_inputs() {
    let home = Home::new();
    let strata = ["--set", "design.strata=[\"sbp > 150 mmHg\"]", "--participants", "5000"];
    let plan = |out: &str, threads: &str| {
        let words = ["plan", "trial.toml", "--out", out, "--threads", threads];
        home.proband(&[&words[..], &strata].concat(), 0);
        fs::read(home.path(out).join(".partial/plan.json")).unwrap()
    };
    assert!(plan("one", "1") == plan("two", "3"));
    let inputs = |out: &str| fs::read(home.path(out).join("inputs/1-trial.toml")).unwrap();
    assert!(inputs("one") == inputs("two"));
}

#[test]
fn shards_can_stay_where_they_are_and_be_put_together_later() {
    let home = Home::new();
    let whole = home.undisturbed(COHORT);
    home.plan(COHORT);
    home.proband(&["work", "run"], 0);
    // What a killed worker left is no part of the data.
    let left = home.path("run/.partial/shards/000002/adsl.0000.parquet");
    fs::write(&left, "half of a file").unwrap();
    home.proband(&["merge", "run"], 0);
    let shards = files(&home.path("run"));
    for result in ["findings.parquet", "summary.md", "inputs/1-trial.toml"] {
        assert!(shards[Path::new(result)] == whole[Path::new(result)], "{result}");
    }
    // The list names every file of data, and there are no others.
    let list: Value = serde_json::from_slice(&shards[Path::new("dataset.json")]).unwrap();
    let files = list["files"].as_array().unwrap().iter();
    let mut listed: Vec<PathBuf> = files
        .clone()
        .map(|file| home.path("run").join(file["file"].as_str().unwrap()))
        .collect();
    listed.sort();
    assert_eq!(listed, names(&home.path("run/shards")));
    let rows =
        files.filter(|file| file["name"] == "adsl").map(|file| file["rows"].as_u64().unwrap());
    assert_eq!(rows.sum::<u64>(), 3000);
    home.merges_to(&whole);
}

#[test]
fn a_submission_to_this_machine_does_it_all() {
    let home = Home::new();
    let whole = home.undisturbed(COHORT);
    home.plan(COHORT);
    let words =
        ["submit", "run", "--engine", "local", "--cores", "1", "--tasks", "3", "--compact"];
    let told = home.proband(&words, 0);
    assert!(told.contains("24 shards in 3 tasks") && told.contains("MY-TRIAL"), "{told}");
    assert_eq!(names(&home.path("run/logs")).len(), 3);
    fs::remove_dir_all(home.path("run/logs")).unwrap();
    home.merges_to(&whole);
}

#[test]
fn what_makes_no_sense_is_not_submitted() {
    let home = Home::new();
    home.plan(COHORT);
    for (words, told) in [
        (&["--engine", "slurm", "--partition", "a; rm -rf ~"][..], "a partition is named by"),
        (&["--engine", "slurm", "--time", "$(date)"], "a time limit is written"),
        (&["--engine", "local", "--nodes", "2"], "are Slurm's"),
        (&["--engine", "kubernetes"], "needs `--image` and `--claim`"),
    ] {
        let said = home.proband(&[&["submit", "run", "--dry-run"], words].concat(), 1);
        assert!(said.contains(told), "{told} in {said}");
    }
    home.proband(&["work", "run"], 0);
    let said = home.proband(&["submit", "run", "--engine", "slurm"], 1);
    assert!(said.contains("all shards are done"), "{said}");
}

#[test]
fn kubernetes_takes_the_manifests() {
    let Some(python) = std::env::var_os("PROBAND_READERS") else {
        println!("skipped: PROBAND_READERS names no python with kubernetes-validate");
        return;
    };
    let home = Home::new();
    home.plan(COHORT);
    let words = ["--image", "registry/proband:0.1", "--claim", "runs", "--tasks", "6"];
    let start = ["submit", "run", "--engine", "kubernetes", "--max-running", "2", "--compact"];
    let told = home.proband(&[&start[..], &words].concat(), 0);
    assert!(told.contains("kubectl apply -f") && told.contains("/logs/work.json"), "{told}");
    let check = "import json, sys, kubernetes_validate as k
for path in sys.argv[1:]:
    job = json.load(open(path))
    k.validate(job, '1.33', strict=True)
    job['spec']['completions'] = 'many'
    try:
        k.validate(job, '1.33', strict=True)
        sys.exit('the schema takes anything')
    except k.ValidationError:
        pass
work, merge = (json.load(open(path)) for path in sys.argv[1:])
assert (work['spec']['completions'], work['spec']['parallelism']) == (6, 2)
assert merge['spec']['template']['spec']['containers'][0]['args'][-3] == '--compact'
";
    let mut python = Command::new(python);
    python.args(["-c", check, "run/logs/work.json", "run/logs/merge.json"]);
    said(python.current_dir(home.path("")).output().unwrap(), 0);
}

#[test]
fn a_status_says_how_far_a_run_is_and_what_came_of_it() {
    let home = Home::new();
    let changes = ["--set", "simulation.replicates=60", "--set", "output.level=findings"];
    home.plan(&changes);
    let status = |words: &[&str]| home.proband(&[&["status", "run"], words].concat(), 0);
    assert!(status(&[]).contains("0 of 6 shards done\n"));
    home.proband(&["work", "run", "--tasks", "2", "--task", "0"], 0);
    let told = status(&["--results"]);
    for part in [
        "3 of 6 shards done, ",
        " a minute, ",
        "Of 3 of 6 shards:",
        "Monte Carlo standard error",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let object: Value = serde_json::from_str(&status(&["--format", "json"])).unwrap();
    assert_eq!(
        (&object["status"]["done"], &object["status"]["shards"]),
        (&3.into(), &6.into())
    );
    // A worker that fails says why.
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" work run";
    let mut worker = Command::new("sh");
    worker.args(["-c", limited, env!("CARGO_BIN_EXE_proband")]).current_dir(home.path(""));
    said(worker.output().unwrap(), 75);
    let told = status(&[]);
    assert!(told.contains("1 worker failed: cannot write `...`: File too large"), "{told}");
    home.proband(&["work", "run"], 0);
    home.proband(&["merge", "run"], 0);
    assert!(status(&[]).contains(": merged\n"));
}

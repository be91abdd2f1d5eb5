//! The command, typed: in this process, and twice as the real program.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband::{Ended, Watch};
use proband_cli::Console;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tempfile::TempDir;

/// What a command left.
struct Ran {
    code: ExitCode,
    out: String,
    err: String,
}

impl Ran {
    /// Fails unless the exit code is this one; shows what was printed if not.
    fn expect(self, code: u8) -> Self {
        assert_eq!(self.code, ExitCode::from(code), "out:\n{}\nerr:\n{}", self.out, self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// A folder with a trial in it, and a place for outputs.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(TempDir::new().unwrap());
        home.proband(&["new", "trial.toml"]).expect(0);
        home
    }

    fn with(trial: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        fs::write(home.path("trial.toml"), trial).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command. Words that name files of the folder are made paths.
    fn proband(&self, words: &[&str]) -> Ran {
        self.stoppable(words, &AtomicBool::new(false))
    }

    fn stoppable(&self, words: &[&str], stop: &AtomicBool) -> Ran {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let placed = words.iter().map(|word| self.placed(word).into());
        let words = std::iter::once("proband".into()).chain(placed);
        let mut console = Console { out: &mut out, err: &mut err, terminal: false, stop };
        let code = proband_cli::run(words, &mut console);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code, out: text(out), err: text(err) }
    }

    fn placed(&self, word: &str) -> String {
        let is_file = word.ends_with(".toml") || ["out", "other"].contains(&word);
        if is_file { self.path(word).display().to_string() } else { word.to_owned() }
    }

    /// The only run below a folder of outputs.
    fn run_folder(&self, out: &str) -> PathBuf {
        let only = |path: &Path| {
            let entries: Vec<_> = fs::read_dir(path).unwrap().collect();
            assert_eq!(entries.len(), 1, "one entry in {}", path.display());
            entries[0].as_ref().unwrap().path()
        };
        only(&only(&self.path(out)))
    }

    /// Every file of the only run below a folder, but the timings, by name.
    fn files(&self, out: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.run_folder(out), Path::new(""), &mut files);
        files.remove(Path::new("timings.json")).unwrap();
        files
    }
}

fn collect(folder: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
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

const RUN: &[&str] = &["run", "trial.toml", "--out", "out"];

/// As [`RUN`], with further words.
fn run_with<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [RUN, words].concat()
}

#[test]
fn a_wrong_command_line_is_told_and_exits_with_1() {
    let home = Home::new();
    for (words, told) in [
        (vec!["simulate"], "unrecognized subcommand 'simulate'"),
        (vec!["run"], "<TRIAL>"),
        (run_with(&["--seed", "x"]), "invalid value 'x' for '--seed <SEED>'"),
        (run_with(&["--threads", "0"]), "--threads"),
        (run_with(&["--set", "design.participants"]), "a change is written `path=value`"),
        (run_with(&["--frmat", "json"]), "--format"),
        (vec!["explain", "unit-mismach"], "did you mean `unit-mismatch`?"),
    ] {
        let ran = home.proband(&words).expect(1);
        assert!(ran.err.contains(told), "{words:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{words:?}");
    }
}

#[test]
fn help_shows_examples_and_exit_codes_and_exits_with_0() {
    let home = Home::new();
    let ran = home.proband(&["--help"]).expect(0);
    assert!(ran.out.contains("Examples:") && ran.out.contains("Exit codes: 0 done"));
    for command in ["run", "check", "summary", "models", "new", "explain", "replay"] {
        let ran = home.proband(&[command, "--help"]).expect(0);
        assert!(ran.out.contains("Usage: proband"), "{command}");
        assert_eq!(ran.err, "", "{command}");
    }
    let version = home.proband(&["--version"]).expect(0);
    assert_eq!(version.out, format!("proband {}\n", proband::VERSION));
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    let ran = Home::new().proband(&["run", "missing.toml"]).expect(1);
    assert!(ran.err.contains("missing.toml`: there is no such file"), "{}", ran.err);
    let ran = Home::new().proband(&["models", "--folder", "nowhere"]).expect(1);
    assert!(ran.err.contains("cannot read the folder `nowhere`"), "{}", ran.err);
}

/// A trial with faults in three tables, one of them in its model.
fn faulty() -> String {
    proband::STARTER
        .replace("participants = 200", "participants = -200")
        .replace("every = \"1 day\"", "evry = \"1 day\"")
        .replace("d body/dt = -ke * body", "d body/dt = -kee * body")
}

#[test]
fn all_faults_of_a_trial_are_told_at_once() {
    for command in [&["run", "trial.toml", "--out", "out"][..], &["check", "trial.toml"]] {
        let home = Home::with(&faulty());
        let ran = home.proband(command).expect(1);
        for told in ["error[out-of-range]", "unknown key `evry`", "unknown name `kee`"] {
            assert!(ran.err.contains(told), "{told} in {}", ran.err);
        }
        assert!(ran.err.ends_with("3 faults\n"), "{}", ran.err);
        assert_eq!(ran.out, "");
        assert!(!home.path("out").exists(), "nothing is written");
    }
}

#[test]
fn the_faults_of_a_model_file_are_shown_where_they_are() {
    let home = Home::with(
        "trial.id = \"T\"\nmodel.m.file = \"a.model\"\ndesign.participants = 5\n[arm.a]\n\
         [[encounter]]\nat = \"week 0\"\n",
    );
    fs::write(home.path("a.model"), "model a\nuse \"b.model\"\nobserve y = x\n").unwrap();
    fs::write(home.path("b.model"), "model b\nlet x = 2 * z\n").unwrap();
    let ran = home.proband(&["check", "trial.toml"]).expect(1);
    assert!(ran.err.contains("unknown name `z`"), "{}", ran.err);
    assert!(ran.err.contains("b.model:2:13"), "{}", ran.err);
}

#[test]
fn a_check_says_why_models_failed() {
    let model = "'''\nmodel m\nparam k = 0.001 1/h ~ lognormal cv 20%\nstate x [mg]\n\
                 d x/dt = 1 mg/h\nhazard death = k * (1 - 2 * x / 50 mg), terminal\nobserve x\n'''";
    let home = Home::with(&format!(
        "trial.id = \"T\"\nmodel.m.text = {model}\ndesign.participants = 40\n[arm.a]\n\
         [[encounter]]\nat = [\"week 0\", \"day 3\"]\n",
    ));
    let ran = home.proband(&["check", "trial.toml"]).expect(0);
    assert!(ran.out.contains("failed: hazard-out-of-domain"), "{}", ran.out);
    assert!(ran.out.contains("`death` is negative"), "{}", ran.out);
}

#[test]
fn faults_are_one_json_object_on_request() {
    let ran =
        Home::with(&faulty()).proband(&["check", "trial.toml", "--format", "json"]).expect(1);
    let faults = ran.json()["faults"].clone();
    let codes: Vec<&str> =
        faults.as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["unknown-name", "out-of-range", "unknown-key"]);
    assert!(faults[0]["line"].as_u64().unwrap() > 1);
    assert_eq!(ran.err, "");
}

#[test]
fn changes_of_the_command_line_are_checked_like_the_file() {
    let home = Home::new();
    for (change, told) in [
        ("design.participant=5", "did you mean `participants`?"),
        ("arm.activ.title=Old", "the trial has no `arm.activ`"),
        ("design.participants=many", "--set:1:"),
    ] {
        let ran = home.proband(&run_with(&["--set", change])).expect(1);
        assert!(ran.err.contains(told), "{change}: {}", ran.err);
    }
}

#[test]
fn the_starter_trial_runs_and_leaves_what_it_promises() {
    let home = Home::new();
    let ran = home.proband(RUN).expect(0);
    for part in ["MY-TRIAL: One drug", "Disposition", "Participants at baseline", "ANCOVA"] {
        assert!(ran.out.contains(part), "{part} in {}", ran.out);
    }
    assert!(ran.err.contains("tables and summary are in"), "{}", ran.err);
    let names: Vec<PathBuf> = home.files("out").into_keys().collect();
    for name in
        ["adsl.parquet", "findings.parquet", "run.json", "summary.md", "inputs/1-trial.toml"]
    {
        assert!(names.contains(&name.into()), "{name} in {names:?}");
    }
    assert!(!home.run_folder("out").join(".partial").exists());
    let again = home.proband(RUN).expect(0);
    assert!(again.err.contains("this run was finished before"), "{}", again.err);
    assert_eq!(again.out, ran.out, "and shows the same");
    let folder = home.run_folder("out").display().to_string();
    assert_eq!(home.proband(&["summary", &folder]).expect(0).out, ran.out);
}

#[test]
fn threads_change_no_byte() {
    let home = Home::new();
    home.proband(&run_with(&["--threads", "1"])).expect(0);
    home.proband(&["run", "trial.toml", "--out", "other", "--threads", "2"]).expect(0);
    assert_eq!(home.files("out"), home.files("other"));
}

#[test]
fn back_ends_change_no_byte() {
    let home = Home::new();
    home.proband(&run_with(&[])).expect(0);
    let words = ["run", "trial.toml", "--out", "other", "--backend", "interpreter"];
    home.proband(&words).expect(0);
    assert_eq!(home.files("out"), home.files("other"));
    let words = ["run", "trial.toml", "--out", "third", "--backend", "avx3"];
    let refused = home.proband(&words).expect(1);
    assert!(refused.err.contains("one of interpreter, avx2, avx512 is needed"));
}

#[test]
fn seed_and_size_are_part_of_what_a_run_is() {
    let home = Home::new();
    let run_of = |words: &[&str]| {
        let ran = home.proband(&run_with(&[words, &["--format", "json"]].concat())).expect(0);
        ran.json()["run"].clone()
    };
    let (plain, seeded) =
        (run_of(&["--participants", "20"]), run_of(&["--seed", "2", "--participants", "20"]));
    assert_eq!((&plain["seed"], &seeded["seed"]), (&1.into(), &2.into()));
    assert_eq!(plain["counts"]["enrolled"], 20);
    assert_ne!(plain["run"], seeded["run"]);
    assert_eq!(seeded["overrides"][1]["path"], "design.participants");
}

#[test]
fn json_of_a_run_holds_manifest_and_findings() {
    let home = Home::new();
    let words = run_with(&["--participants", "40", "--format", "json"]);
    let object = home.proband(&words).expect(0).json();
    assert_eq!(object["was_there"], false);
    assert_eq!(object["run"]["counts"]["participants"], 40);
    let findings = object["findings"].as_array().unwrap();
    let difference = findings.iter().find(|f| f["STATISTIC"] == "DIFFERENCE").unwrap();
    assert!(difference["ESTIMATE"].is_f64() && difference["UNIT"] == "mmHg", "{difference}");
    assert_eq!(home.proband(&words).expect(0).json()["was_there"], true);
    let folder = home.run_folder("out").display().to_string();
    let summary = home.proband(&["summary", &folder, "--format", "json"]).expect(0).json();
    assert_eq!(summary["findings"], object["findings"], "read back as they were");
}

#[test]
fn a_check_says_what_a_run_leaves() {
    let home = Home::new();
    let words = ["check", "trial.toml", "--format", "json"];
    let estimate = home.proband(&words).expect(0).json()["estimate"].clone();
    assert!(!home.path("out").exists(), "a check writes nothing");
    let run = home.proband(&run_with(&["--format", "json"])).expect(0).json()["run"].clone();
    assert_eq!(estimate["run"], run["run"]);
    let tables = |of: &Value| -> BTreeMap<String, (u64, u64)> {
        let number = |table: &Value, key| table[key].as_u64().unwrap();
        let tables = of["tables"].as_array().unwrap().iter();
        let entry = |t: &Value| {
            (t["table"].as_str().unwrap().to_owned(), (number(t, "rows"), number(t, "bytes")))
        };
        tables.map(entry).collect()
    };
    let (said, left) = (tables(&estimate), tables(&run));
    assert_eq!(said.keys().collect::<Vec<_>>(), left.keys().collect::<Vec<_>>());
    for (table, (rows, bytes)) in &left {
        // The pilot was the whole trial: 200 participants, of at most 256.
        assert_eq!(said[table].0, *rows, "{table}");
        let ratio = said[table].1 as f64 / *bytes as f64;
        assert!((0.6..1.6).contains(&ratio), "{table}: {} for {bytes}", said[table].1);
    }
}

#[test]
fn folders_that_hold_something_else_are_left_alone() {
    let home = Home::new();
    let check = home.proband(&["check", "trial.toml", "--format", "json"]).expect(0).json();
    let run = check["estimate"]["run"].as_str().unwrap().to_owned();
    let folder = home.path("out").join("MY-TRIAL").join(run);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("thesis.txt"), "the only copy").unwrap();
    let ran = home.proband(RUN).expect(1);
    assert!(ran.err.contains("error[output-folder]"), "{}", ran.err);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    let ran = home.proband(&["summary", &folder.display().to_string()]).expect(1);
    assert!(ran.err.contains("holds no finished run"), "{}", ran.err);
    let file = home.path("trial.toml");
    for out in [file.clone(), file.join("below")] {
        let ran =
            home.proband(&["run", "trial.toml", "--out", &out.display().to_string()]).expect(1);
        assert!(ran.err.contains("trial.toml` is a file"), "{}", ran.err);
    }
    let ran = home.proband(&["new", "trial.toml"]).expect(1);
    assert!(ran.err.contains("it is there already"), "{}", ran.err);
}

/// Asks to stop after so many shards.
struct StopAfter {
    shards: u64,
    done: AtomicU64,
}

impl Watch for StopAfter {
    fn shard_done(&self, _: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.shards
    }
}

#[test]
fn interrupted_and_resumed_equals_uninterrupted() {
    const PARTICIPANTS: &[&str] = &["--participants", "1000"];
    let home = Home::new();
    let whole = [&["run", "trial.toml", "--out", "other"][..], PARTICIPANTS].concat();
    home.proband(&whole).expect(0);

    // Before anything was enrolled.
    let words = run_with(PARTICIPANTS);
    let ran = home.stoppable(&words, &AtomicBool::new(true)).expect(130);
    assert!(ran.err.contains("the same command goes on from there"), "{}", ran.err);
    // In the middle, three times over.
    let change = proband::Override { path: "design.participants".into(), value: "1000".into() };
    let trial = home.path("trial.toml").display().to_string();
    let opened = proband::open(&trial, &[change]).unwrap();
    for shards in 1..=3 {
        let watch = StopAfter { shards: 1, done: AtomicU64::new(0) };
        let one = std::num::NonZeroUsize::MIN;
        let run = || proband::run(&opened, &home.path("out"), &watch);
        let ended = proband::on_threads(Some(one), run).unwrap();
        let Ended::Interrupted { done, of, .. } = ended else { panic!("{ended:?}") };
        assert_eq!((done, of), (shards, Some(8)));
    }
    let folder = home.run_folder("out");
    assert!(!folder.join("run.json").exists());
    let unfinished = folder.display().to_string();
    let ran = home.proband(&["summary", &unfinished]).expect(1);
    assert!(ran.err.contains("goes on with a run"), "{}", ran.err);
    // To the end.
    let ran = home.proband(&words).expect(0);
    assert!(ran.err.contains("tables and summary are in"), "{}", ran.err);
    assert_eq!(home.files("out"), home.files("other"));
}

/// Half of the twins leave the domain of this model: `x` is infinite at 1 / (rate start).
const EXPLOSIVE: &str = r#"
[trial]
id = "EXPLOSIVE"

[model.explosive]
text = '''
model explosive
time day

param start = 1        ~ lognormal cv 100%
param rate  = 0.02 1/day

state x = start

d x/dt = rate * x^2

observe size = x
'''

[design]
participants = 60

[arm.only]

[[encounter]]
at = ["week 0", "week 8"]

[endpoint.size]
value = "at(size, week 8)"
"#;

#[test]
fn participants_whose_model_failed_are_counted_in_a_warning() {
    let home = Home::with(EXPLOSIVE);
    let ran = home.proband(RUN).expect(0);
    assert!(ran.err.contains("warning: the model of"), "{}", ran.err);
    assert!(ran.out.contains("Failed twins"), "{}", ran.out);
    let run = home.proband(&run_with(&["--format", "json"])).expect(0).json()["run"].clone();
    let failed = run["counts"]["failed"].as_u64().unwrap();
    assert!((15..=45).contains(&failed), "{failed} of 60");
    let lost = run["exclusions"].as_array().unwrap().iter();
    let lost: u64 = lost.map(|lost| lost["count"].as_u64().unwrap()).sum();
    assert_eq!(lost, failed, "each is counted with its reason");

    // The same count where the table of exclusions is not kept.
    let only = "output.tables=[\"adsl\"]";
    let words = ["run", "trial.toml", "--out", "other", "--set", only, "--format", "json"];
    let run = home.proband(&words).expect(0).json()["run"].clone();
    assert_eq!(run["counts"]["failed"], failed);
    let tables = run["tables"].as_array().unwrap().iter();
    let tables: Vec<&str> = tables.map(|table| table["table"].as_str().unwrap()).collect();
    assert_eq!(tables, ["adsl", "findings"], "findings are always kept");
}

#[test]
fn a_trial_that_nobody_can_enter_says_who_was_refused() {
    let home = Home::new();
    let words = run_with(&["--set", "eligibility.inclusion.hypertension=sbp >= 400 mmHg"]);
    let ran = home.proband(&words).expect(1);
    assert!(ran.err.contains("error[cannot-enrol]"), "{}", ran.err);
    assert!(ran.err.contains("`hypertension` refused 100.0 %"), "{}", ran.err);
}

#[test]
fn models_are_listed_and_shown() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../trials/models");
    let home = Home::new();
    let folder = models.display().to_string();
    let listed = home.proband(&["models", "--folder", &folder]).expect(0).out;
    assert!(listed.contains("trinity.model") && listed.contains("empagliflozin"), "{listed}");
    let file = models.join("docetaxel-pk.model").display().to_string();
    let shown = home.proband(&["models", &file]).expect(0).out;
    for part in ["Parameters", "Source:", "log-normal, sd", "Doses"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let card =
        home.proband(&["models", &file, "--format", "json"]).expect(0).json()["model"].clone();
    assert_eq!(card["name"], "docetaxel-pk");
    let faulty = home.path("faulty.model");
    fs::write(&faulty, "model faulty\ntime h\nstate x [mg]\nd x/dt = -k * x\n").unwrap();
    let ran = home.proband(&["models", &faulty.display().to_string()]).expect(1);
    assert!(ran.err.contains("unknown name `k`"), "{}", ran.err);
    let ran =
        home.proband(&["models", "--folder", &home.path("").display().to_string()]).expect(0);
    assert!(ran.out.contains("has 1 fault"), "{}", ran.out);
}

#[test]
fn a_participant_is_replayed_as_table_and_as_json() {
    let home = Home::new();
    home.proband(&run_with(&["--participants", "20"])).expect(0);
    let folder = home.run_folder("out").display().to_string();
    let replay = |words: &[&str]| {
        home.proband(&[&["replay", &folder, "--arm", "active", "--twin"][..], words].concat())
    };
    // One of the first twins was enrolled.
    let twins = ["0", "1", "2", "3", "4", "5"];
    let twin = twins.iter().find(|twin| replay(&[twin]).code == ExitCode::SUCCESS).unwrap();
    let shown = replay(&[twin]).expect(0).out;
    for part in ["True values", "sbp [mmHg]", "Records", "Week 8", "Doses", "10 mg"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let object = replay(&[twin, "--every", "1 day", "--format", "json"]).expect(0).json();
    assert_eq!(object["days"].as_array().unwrap().len(), 57, "days 0 to 56");
    assert_eq!(object["columns"][0]["values"].as_array().unwrap().len(), 57);
    assert_eq!(object["records"].as_array().unwrap().len(), 4);
    let told = replay(&["3000000000"]).expect(1).err;
    assert!(told.contains("the run drew"), "{told}");
}

#[test]
fn every_code_is_explained() {
    let home = Home::new();
    let all = home.proband(&["explain"]).expect(0).out;
    for entry in proband::catalogue() {
        assert!(all.contains(entry.code.name()));
        let one = home.proband(&["explain", entry.code.name()]).expect(0).out;
        assert!(one.contains(entry.meaning) && one.contains(entry.remedy));
    }
}

/// The real program.
fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_proband"))
}

#[test]
fn the_program_keeps_results_and_messages_apart_and_is_quiet_when_piped() {
    let home = Home::new();
    let run =
        |words: &[&str]| program().args(words).current_dir(home.path("")).output().unwrap();
    let ran = run(&["run", "trial.toml", "--participants", "30"]);
    assert_eq!(ran.status.code(), Some(0));
    let (out, err) =
        (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    assert!(out.starts_with("MY-TRIAL: One drug"), "{out}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.starts_with("tables and summary are in outputs/MY-TRIAL/"), "{err}");
    assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "no colours");
    assert_eq!(run(&["run", "nothing.toml"]).status.code(), Some(1));
}

#[test]
fn the_program_minds_no_closed_pipe() {
    let mut child =
        program().arg("explain").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_run_that_goes_on() {
    let home = Home::new();
    let words = ["run", "trial.toml", "--participants", "40000", "--out", "out"];
    let mut child = program()
        .args(words)
        .current_dir(home.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The mark of the run is written before anybody is enrolled.
    let started =
        || fs::read_dir(home.path("out/MY-TRIAL")).is_ok_and(|mut runs| runs.next().is_some());
    while !started() {
        assert!(child.try_wait().unwrap().is_none(), "it goes on until it is stopped");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let ended = child.wait_with_output().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{err}");
    assert!(err.contains("the same command goes on from there"), "{err}");
    let folder = home.run_folder("out");
    assert!(folder.join(".partial").is_dir() && !folder.join("run.json").exists());
}

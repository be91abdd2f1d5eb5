//! `proband analyse`: a finished run analysed again gives what it found, and what is wrong is told.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband_cli::Console;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// Runs a command; gives what it printed to standard output and to standard error.
fn proband(words: &[&str], code: u8) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let stop = AtomicBool::new(false);
    let mut console = Console { out: &mut out, err: &mut err, terminal: false, stop: &stop };
    let words = std::iter::once(&"proband").chain(words).map(Into::into);
    let exit = proband_cli::run(words, &mut console);
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    assert_eq!(exit, ExitCode::from(code), "out:\n{out}\nerr:\n{err}");
    (out, err)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The one number of a statistic.
fn number(found: &Value, analysis: &str, statistic: &str, arm: &str, column: &str) -> f64 {
    let fits = |f: &&Value| {
        f["ANALYSIS"] == analysis
            && f["STATISTIC"] == statistic
            && f["TRT01A"] == arm
            && f["GROUP"].is_null()
    };
    let all: Vec<&Value> = found.as_array().unwrap().iter().filter(fits).collect();
    assert_eq!(all.len(), 1, "{analysis} {statistic} {arm}");
    all[0][column].as_f64().unwrap()
}

const PLAN: &str = r#"
[data]
describe = ["age", "weight", "sbp"]

[arm.placebo]
control = true

[arm.active]

[endpoint.sbp_fall]
title  = "Change in systolic pressure at week 8"
value  = "change(sbp, week 8)"
better = "lower"

[endpoint.response]
value  = "at(sbp, week 8) < 140 mmHg"
better = "higher"

[endpoint.headaches]
value = "count(headache)"

[analysis.sbp]
endpoint   = "sbp_fall"
covariates = ["baseline", "age >= 65 year"]

[analysis.response]
endpoint = "response"

[analysis.headaches]
endpoint = "headaches"
"#;

#[test]
fn a_finished_run_is_analysed_again_without_being_simulated() {
    let home = TempDir::new().unwrap();
    let (trial, plan) = (home.path().join("trial.toml"), home.path().join("plan.toml"));
    let out = home.path().join("out");
    proband(&["new", text(&trial)], 0);
    let run = ["run", text(&trial), "--out", text(&out), "--format", "json"];
    let ran: Value = serde_json::from_str(&proband(&run, 0).0).unwrap();
    fs::write(&plan, PLAN).unwrap();
    let folder = ran["folder"].as_str().unwrap();
    let again = ["analyse", folder, text(&plan), "--out", text(&out), "--format", "json"];
    let analysed: Value = serde_json::from_str(&proband(&again, 0).0).unwrap();
    let (before, after) = (&ran["findings"], &analysed["findings"]);
    let same = |analysis, statistic, arm, column| {
        let (a, b) = (
            number(before, analysis, statistic, arm, column),
            number(after, analysis, statistic, arm, column),
        );
        // Sums over other pieces round differently.
        assert!((a - b).abs() <= 1e-10 * a.abs(), "{analysis} {statistic} {arm}: {a} and {b}");
    };
    let active = "10 mg once daily";
    for column in ["ESTIMATE", "STDERR", "LOWER", "UPPER", "PVALUE", "N"] {
        same("sbp", "DIFFERENCE", active, column);
    }
    same("response", "RISK_DIFFERENCE", active, "PVALUE");
    same("age", "MEDIAN", "placebo", "ESTIMATE");
    same("age", "MEAN", active, "ESTIMATE");
    same("headache", "N_EVENT", active, "ESTIMATE");
    same("headache", "EVENTS", "placebo", "ESTIMATE");
    // The files are where it says, and the summary is printed without the option.
    let written = Path::new(analysed["folder"].as_str().unwrap());
    for file in ["findings.parquet", "summary.md", "plan.toml"] {
        assert!(written.join(file).exists(), "{file}");
    }
    let (printed, note) = proband(&again[..5], 0);
    assert!(printed.contains("Change in systolic pressure at week 8"), "{printed}");
    assert!(note.contains("findings and summary are in"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let home = TempDir::new().unwrap();
    let (data, plan) = (home.path().join("adlb.csv"), home.path().join("plan.toml"));
    let rows = "USUBJID,TRTP,PARAMCD,AVISIT,AVAL,BASE\n\
                1,A,GLUC,Baseline,5.0,5.0\n1,A,GLUC,Week 4,6.0,5.0\n\
                2,B,GLUC,Baseline,5.5,5.5\n2,B,GLUC,Unscheduled,4.0,5.5\n";
    fs::write(&data, rows).unwrap();
    let told = |text_of_plan: &str, code: u8| {
        fs::write(&plan, text_of_plan).unwrap();
        let out = home.path().join("out");
        proband(&["analyse", text(&data), text(&plan), "--out", text(&out)], code)
    };
    let endpoint =
        "[arm.a]\ncontrol = true\n[arm.b]\n[endpoint.x]\nvalue = \"change(gluc, week 4)\"\n";
    let (printed, _) = told(endpoint, 0);
    assert!(printed.contains("1 records of `Unscheduled` left out"), "{printed}");
    for (wrong, message) in [
        (endpoint.replace("gluc", "glcu"), "the data have no records of `glcu`"),
        (endpoint.replace("week 4", "week 8"), "nothing is observed at week 8"),
        (endpoint.replace("arm.b", "arm.c"), "nobody in the data is treated with `c`"),
        (
            format!("{endpoint}[table.adlx]\nrows = \"avisit == x\"\n"),
            "the data have no table `adlx`",
        ),
        (format!("{endpoint}[table.adlb]\nrows = \"avizit == \\\"Week 4\\\"\"\n"), "avizit"),
        (format!("{endpoint}[model.m]\nfile = \"m.model\"\n"), "unknown key `model`"),
        (format!("{endpoint}[data]\ntreatment = \"TRT\"\n"), "`adlb` has no column `TRT`"),
        (
            format!("{endpoint}[visit]\nUnscheduled = \"week 0\"\n"),
            "`gluc` of participant `2` has two records of `Baseline`",
        ),
    ] {
        let (_, faults) = told(&wrong, 1);
        assert!(faults.contains(message), "{message}:\n{faults}");
    }
    let both = endpoint.replace("gluc", "glcu") + "[analysis.a]\nendpoint = \"y\"\n";
    let (_, faults) = told(&both, 1);
    assert!(faults.contains("2 faults") && faults.contains("plan.toml:5"), "{faults}");
}

#[test]
fn files_that_are_not_there_or_no_tables_are_told() {
    let home = TempDir::new().unwrap();
    let plan = home.path().join("plan.toml");
    fs::write(&plan, "[endpoint.x]\nvalue = \"time_to(os)\"\n").unwrap();
    let missing = home.path().join("adsl.csv");
    let (_, faults) = proband(&["analyse", text(&missing), text(&plan)], 1);
    assert!(faults.contains("there is no such file"), "{faults}");
    let (_, faults) = proband(&["analyse", text(home.path()), text(&plan)], 1);
    assert!(faults.contains("adsl.parquet"), "{faults}");
    let (_, faults) = proband(&["analyse", text(&plan), text(&plan)], 1);
    assert!(faults.contains("a table is a `.csv` or a `.parquet` file"), "{faults}");
}

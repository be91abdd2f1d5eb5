//! The page of a run, as bytes and as a browser shows it.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use proband::{Ended, Override, Unwatched};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a trial of ours with changes, and makes its page.
fn reported(trial: &str, changes: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let change = |&(path, value): &(&str, &str)| Override {
        path: path.to_owned(),
        value: value.to_owned(),
    };
    let changes: Vec<Override> = changes.iter().map(change).collect();
    let path = here(&format!("../trials/{trial}.toml"));
    let opened = proband::open(&path.to_string_lossy(), &changes).expect("a trial of ours");
    let folder = TempDir::new().expect("a folder for the run");
    let ended = proband::run(&opened, folder.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    let page = proband::report(&finished.folder).expect("a page");
    (folder, page)
}

/// What a browser saw of a page, or nothing where there is none to look with.
fn seen(page: &Path) -> Option<serde_json::Value> {
    let Some(browser) = std::env::var_os("PROBAND_BROWSER") else {
        println!(
            "skipped: PROBAND_BROWSER names no folder into which npm installed playwright-core"
        );
        return None;
    };
    let look = Command::new("node")
        .arg(here("report/look.mjs"))
        .arg(page)
        .env("PROBAND_BROWSER", browser)
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&look.stdout);
    let complained = String::from_utf8_lossy(&look.stderr);
    assert!(look.status.success(), "{said}\n{complained}");
    let last = said.lines().last().expect("what it saw");
    Some(serde_json::from_str(last).expect("what it saw is JSON"))
}

fn has(seen: &serde_json::Value, list: &str, name: &str) -> bool {
    seen[list].as_array().expect("a list").iter().any(|one| one == name)
}

#[test]
fn the_page_of_a_trial_stands_alone_and_is_the_same_every_time() {
    let (_folder, page) = reported("empa-reg-mono", &[("design.participants", "60")]);
    let first = fs::read_to_string(&page).expect("the page");
    let run = page.parent().expect("the folder of the run");
    proband::report(run).expect("the page once more");
    assert_eq!(first, fs::read_to_string(&page).expect("the page"));
    assert!(first.contains("default-src 'none'"));
    for outside in ["src=\"http", "<link", "@import", "url(http", "fetch("] {
        let ours = first
            .replace(include_str!("../../crates/proband-report/assets/d3-7.9.2.min.js"), "");
        assert!(!ours.contains(outside), "{outside}");
    }
    assert!(first.len() < 2_000_000, "{} bytes", first.len());
}

#[test]
fn a_browser_shows_the_page_of_a_trial() {
    let changes = [("design.participants", "90"), ("output.level", "\"truth\"")];
    let (_folder, page) = reported("empa-reg-mono", &changes);
    let Some(seen) = seen(&page) else { return };
    for section in ["flow", "population", "efficacy", "safety", "design", "credibility"] {
        assert!(has(&seen, "sections", section), "{section}: {seen}");
    }
    let figures = [
        "covariates",
        "correlations",
        "over-time-hba1c",
        "response-hba1c-24",
        "dose-response",
        "exposure-response",
        "adverse-events",
        "onset",
        "grades",
        "detected",
        "published",
    ];
    for figure in figures {
        assert!(has(&seen, "figures", figure), "{figure}: {seen}");
    }
    assert!(seen["sortable"].as_u64() >= Some(1), "{seen}");
}

/// A trial of one made-up score: in every arm, with subgroups and a time, or repeated over a grid.
const SCORES: &str = r#"
trial.id = "SCORES"
model.m.text = """
model m
time week
param effect = 0
param gain = 1 ~ normal sd 0.3
param spread = 0 ~ normal sd 10
observe score = 50 + effect * gain + spread
"""
[population.covariates]
sex = { choice = { F = 0.5, M = 0.5 } }
[design]
participants = 40
assignment = "ASSIGNMENT"
[epoch.treatment]
duration = "4 week"
[arm.control]
[arm.active]
parameters = { effect = "6" }
[[encounter]]
at = ["week 0", "week 4"]
observe = ["score"]
[endpoint.score_4]
level = "primary"
value = "at(score, week 4)"
[analysis.difference]
endpoint = "score_4"
method = "t-test"
"#;

fn scores(folder: &TempDir, assignment: &str, more: &str) -> PathBuf {
    let file = folder.path().join("scores.toml");
    fs::write(&file, SCORES.replace("ASSIGNMENT", assignment) + more).expect("a trial file");
    let opened = proband::open(&file.to_string_lossy(), &[]).expect("a trial of ours");
    let ended = proband::run(&opened, folder.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    finished.folder
}

#[test]
fn a_browser_shows_individual_effects_subgroups_repetitions_and_runs_side_by_side() {
    let home = TempDir::new().expect("a folder for the runs");
    let every_arm = scores(&home, "every-arm", "subgroups = [\"sex\"]\n");
    let repeated = scores(
        &home,
        "randomised",
        "[simulation]\nreplicates = 12\n[grid]\ndesign.participants = [20, 40]\n",
    );
    let of_one = proband::report(&every_arm).expect("a page");
    let of_many = proband::report(&repeated).expect("a page");
    let beside = home.path().join("comparison.html");
    proband::compare(&[every_arm, repeated], &beside).expect("a comparison");
    for (page, figures) in [
        (of_one, &["forest", "effects-score-4"][..]),
        (of_many, &["power", "estimates"]),
        (beside, &["effects-by-run", "rejections-by-run"]),
    ] {
        let Some(seen) = seen(&page) else { return };
        for figure in figures {
            assert!(has(&seen, "figures", figure), "{figure}: {seen}");
        }
    }
}

#[test]
fn what_a_run_did_not_keep_is_said_with_what_keeps_it() {
    let changes = [("design.participants", "12"), ("output.level", "\"findings\"")];
    let (_folder, page) = reported("empa-reg-mono", &changes);
    let text = fs::read_to_string(page).expect("the page");
    for word in ["records", "participants", "truth"] {
        assert!(
            text.contains(&format!("<code>[output] level = &quot;{word}&quot;</code>")),
            "{word}"
        );
    }
}

#[test]
fn a_trial_can_ask_for_its_page() {
    let changes = [("design.participants", "12"), ("output.report", "true")];
    let (_folder, page) = reported("empa-reg-mono", &changes);
    let made_by_the_run = fs::read(&page).expect("the page");
    let run = page.parent().expect("the folder of the run");
    proband::report(run).expect("the page once more");
    assert_eq!(made_by_the_run, fs::read(&page).expect("the page"));
}

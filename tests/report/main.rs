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
    let (_folder, page) = reported("empa-reg-mono", &[("design.participants", "90")]);
    let Some(seen) = seen(&page) else { return };
    for section in ["flow", "population", "efficacy", "safety", "credibility"] {
        assert!(has(&seen, "sections", section), "{section}: {seen}");
    }
    for figure in ["over-time-hba1c", "adverse-events"] {
        assert!(has(&seen, "figures", figure), "{figure}: {seen}");
    }
    assert!(seen["sortable"].as_u64() >= Some(1), "{seen}");
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

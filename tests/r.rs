//! The page for users of R: its blocks run where R and their packages are installed; and R's readers of XPORT
//! find the values that are in the CSV files.
#![expect(clippy::print_stdout, reason = "a test says what it skipped")]

use proband::{Ended, ExportForm, Override, Unwatched};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs lines of R; none if there is no R.
fn r(lines: &str) -> Option<Output> {
    Command::new("Rscript").args(["--vanilla", "-e", lines]).output().ok()
}

/// The packages that a block loads.
fn packages(block: &str) -> Vec<&str> {
    let loaded = block.lines().filter_map(|line| line.strip_prefix("library("));
    loaded.map(|rest| rest.trim_end_matches(')')).collect()
}

/// The first package of a block that is not installed, or R itself.
fn missing(block: &str) -> Option<String> {
    if r("invisible()").is_none_or(|ended| !ended.status.success()) {
        return Some("R".to_owned());
    }
    let absent = |package: &&str| {
        let asked =
            r(&format!("if (!requireNamespace('{package}', quietly = TRUE)) quit(status = 1)"));
        asked.is_none_or(|ended| !ended.status.success())
    };
    packages(block).into_iter().find(absent).map(str::to_owned)
}

/// A small run with the exports that the page speaks of.
fn run(home: &TempDir) -> PathBuf {
    let changes = [Override { path: "design.participants".to_owned(), value: "60".to_owned() }];
    let path = here("../trials/empa-reg-mono.toml");
    let opened = proband::open(&path.to_string_lossy(), &changes).expect("a trial of ours");
    let ended = proband::run(&opened, home.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    for form in [ExportForm::Csv, ExportForm::DatasetJson, ExportForm::Xpt] {
        proband::export(&finished.folder, form, None, None).expect("an export");
    }
    finished.folder
}

/// Runs a block over a run, or says what it lacks.
fn check(block: &str, run: &Path) {
    if let Some(missing) = missing(block) {
        println!("skipped, because {missing} is not installed:\n{block}");
        return;
    }
    let lines = format!("run <- '{}'\n{block}", run.display());
    let ended = r(&lines).expect("R was there before");
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{block}\n{complained}");
}

#[test]
fn the_blocks_of_the_page_run() {
    let page = std::fs::read_to_string(here("../crates/proband/book/r.md")).expect("the page");
    let blocks: Vec<&str> = page
        .split("```r\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("a first part"))
        .collect();
    assert_eq!(blocks.len(), 6);
    let home = TempDir::new().expect("a folder");
    let run = run(&home);
    for block in blocks {
        check(block, &run);
    }
}

/// R reads decimals with an error in the last place, which XPORT's numbers do not have.
const COMPARED: &str = r#"
same <- function(table, read) {
  csv <- read.csv(file.path(run, "export/csv", paste0(table, ".csv")), na.strings = "",
    colClasses = "character")
  xpt <- read(file.path(run, "export/xpt", paste0(table, ".xpt")))
  stopifnot(dim(csv) == dim(xpt), nrow(csv) > 0)
  for (at in seq_along(csv)) {
    theirs <- xpt[[at]]
    if (is.numeric(theirs)) {
      ours <- as.numeric(csv[[at]])
      stopifnot(is.na(ours) == is.na(theirs))
      stopifnot(abs(ours - theirs) <= 4e-16 * abs(ours) | is.na(ours))
    } else {
      ours <- ifelse(is.na(csv[[at]]), "", csv[[at]])
      stopifnot(ours == as.character(theirs))
    }
  }
}
"#;

#[test]
fn the_readers_of_xport_in_r_find_every_value() {
    let home = TempDir::new().expect("a folder");
    let run = run(&home);
    for (package, reader) in [("haven", "read_xpt"), ("foreign", "read.xport")] {
        let tables = ["adsl", "adlb", "adeff", "adae", "adex"];
        let compared = tables.map(|table| format!("same('{table}', {reader})\n"));
        check(&format!("library({package})\n{COMPARED}{}", compared.concat()), &run);
    }
}

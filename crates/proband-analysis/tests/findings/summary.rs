//! Any findings can be told as a summary.

use crate::people::{findings_of, people};
use crate::trial::trial;
use proband_report::{Run, summary};
use proband_trial::Assignment;

#[test]
fn a_summary_of_any_size_shows_every_arm_and_no_nan() {
    let trial = trial(Assignment::Randomised);
    let arms: Vec<String> = trial.arms.iter().map(|a| a.title.clone()).collect();
    let run = Run { id: "MADE-UP", arms: &arms, ..Run::default() };
    for count in [0, 1, 3, 60] {
        let document = summary(&run, &findings_of(&trial, &people(count, false), 50));
        for text in [document.to_text(), document.to_markdown()] {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(arms.iter().all(|arm| text.contains(arm)), "{text}");
        }
    }
}

#[test]
fn the_page_on_findings_names_every_method() {
    let page = include_str!("../../../proband/book/findings.md");
    for assignment in [Assignment::Randomised, Assignment::EveryArm] {
        let every_arm = assignment == Assignment::EveryArm;
        for finding in findings_of(&trial(assignment), &people(60, every_arm), 60) {
            let method = format!("`{}`", finding.method);
            assert!(page.contains(&method), "{method} is not on the page");
        }
    }
}

#[test]
fn a_row_has_its_values_under_their_names() {
    use proband_analysis::{COLUMNS, Cell};
    let found = findings_of(&trial(Assignment::Randomised), &people(60, false), 60);
    let difference = found.iter().find(|f| f.comparison.as_deref() == Some("adjusted.high"));
    let difference = difference.unwrap();
    let cells = difference.cells();
    let at = |name: &str| cells[COLUMNS.iter().position(|(n, _)| *n == name).unwrap()];
    assert_eq!(at("CATEGORY"), Cell::Text(Some("comparison")));
    assert_eq!(at("TRT01A"), Cell::Text(Some("HIGH")));
    assert_eq!(at("STATISTIC"), Cell::Text(Some("DIFFERENCE")));
    assert_eq!(at("ESTIMATE"), Cell::Number(difference.estimate));
    assert_eq!(at("PVALUE"), Cell::Number(difference.p_value));
    assert_eq!(at("N"), Cell::Whole(difference.n));
    assert_eq!(at("UNIT"), Cell::Text(Some("mmHg")));
    assert_eq!(at("GROUP"), Cell::Text(None));
}

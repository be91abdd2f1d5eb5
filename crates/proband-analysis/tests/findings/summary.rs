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

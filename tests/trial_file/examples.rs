//! Examples that are supported check clean; of the others every fault says what waits for a later version, at
//! its place.

use crate::cases::{Outcome, examples, open, read, trials};

/// Lines of `not-supported.tsv`: file, line of the file, what is missing.
fn expected(file: &str) -> Vec<String> {
    let text = read("tests/suite/trial-file/not-supported.tsv");
    let of_file =
        text.lines().skip(1).filter_map(|line| line.strip_prefix(file)?.strip_prefix('\t'));
    of_file.map(str::to_owned).collect()
}

fn found(outcome: &Outcome) -> Vec<String> {
    let line = |fault: &&proband_diag::Diagnostic| {
        let place = outcome.sources.place(fault.span.expect("a place"));
        format!("{}\t{}", place.line, fault.message)
    };
    outcome.later().iter().map(line).collect()
}

#[test]
fn every_example_checks_clean_or_says_what_is_not_supported_yet() {
    let files = examples();
    let mut wrong = Vec::new();
    for name in trials(&files) {
        let outcome = open(&name, &files);
        let real: Vec<String> =
            outcome.real().into_iter().map(|fault| outcome.line(fault, &name)).collect();
        let (found, expected) = (found(&outcome), expected(&name));
        if !real.is_empty() || found != expected {
            let table: Vec<String> =
                found.iter().map(|line| format!("{name}\t{line}")).collect();
            wrong.push(format!("{}\n{}", real.join("\n"), table.join("\n")));
        }
        assert_eq!(outcome.trial.is_some(), outcome.faults.is_empty(), "{name}");
    }
    assert!(wrong.is_empty(), "not as in not-supported.tsv:\n{}", wrong.join("\n"));
}

#[test]
fn some_examples_are_supported_as_they_stand() {
    let files = examples();
    for name in ["minimal.toml", "glucose_twin.toml"] {
        assert!(expected(name).is_empty() && open(name, &files).trial.is_some(), "{name}");
    }
}

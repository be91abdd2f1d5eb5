//! Examples that are supported check clean; of the others every fault says what waits for a later version, at
//! its place.

use crate::cases::{Outcome, examples, open, read, trials};
use proband_tests::plan;
use proband_trial::Trial;

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

/// The examples that run; `not-supported.tsv` says what the others wait for.
const RUNNING: [&str; 9] = [
    "docetaxel.toml",
    "empa_reg_mono.toml",
    "every_arm.toml",
    "factorial_grid.toml",
    "glucose_twin.toml",
    "minimal.toml",
    "surmount_1.toml",
    "trinity.toml",
    "warfarin.toml",
];

#[test]
fn every_example_that_waits_for_nothing_runs_as_it_stands_but_for_its_size() {
    let files = examples();
    // With their looks they are run where looks are tested, in `operating/looks.rs`.
    let elsewhere = ["group_sequential.toml", "sample_size_reestimation.toml"];
    let runs_here =
        |name: &String| expected(name).is_empty() && !elsewhere.contains(&name.as_str());
    let running: Vec<String> = trials(&files).into_iter().filter(runs_here).collect();
    assert_eq!(running, RUNNING);
    for name in running {
        let mut trial = open(&name, &files).trial.expect("it has no fault");
        let scenarios = std::mem::take(&mut trial.scenarios);
        for trial in scenarios.into_iter().chain([trial]) {
            runs(&name, trial);
        }
    }
}

/// A trial runs with a few participants, and every analysis finds something.
fn runs(name: &str, mut trial: Trial) {
    trial.design.participants = trial.design.participants.min(48);
    trial.simulation.replicates = 1;
    for imputation in trial.analyses.iter_mut().filter_map(|of| of.imputation.as_mut()) {
        imputation.sets = imputation.sets.map(|_| 2);
    }
    let plan = plan(&trial);
    let found = proband_tests::found(&plan);
    for analysis in &trial.analyses {
        let any = found.iter().any(|of| of.analysis == analysis.id && of.estimate.is_some());
        assert!(any, "{name}, {}: `{}` finds nothing", trial.scenario, analysis.id);
    }
}

//! The size that simulation finds is the one that theory gives.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proband::{Error, Override, SizeAnswer, SizeQuestion, Style, Unwatched};
use std::fs;
use tempfile::TempDir;

/// Two means a standard deviation apart.
const MEANS: &str = r#"
trial.id = "MEANS"
simulation.precision = 0.015
model.m.text = '''
model m
time week
param effect = 0
param spread = 0 ~ normal sd 10
observe score = 50 + effect + spread
'''
[design]
participants = 20
[arm.control]
control = true
[arm.active]
parameters = { effect = 10 }
[[encounter]]
at = "week 8"
[endpoint.score]
value = "at(score, week 8)"
[analysis.score]
endpoint = "score"
method = "ancova"
covariates = []
[scenario.null]
arm.active.parameters.effect = 0
[scenario.smaller]
arm.active.parameters.effect = 7
[scenario.fixed]
design.participants = 60
"#;

fn question() -> SizeQuestion {
    SizeQuestion { power: 0.9, of: None, replicates: 1000, scenario: None }
}

fn asked(asked: &SizeQuestion, overrides: &[Override]) -> Result<SizeAnswer, Error> {
    let home = TempDir::new().unwrap();
    let trial = home.path().join("trial.toml");
    fs::write(&trial, MEANS).unwrap();
    proband::size(trial.to_str().unwrap(), overrides, asked, &Unwatched)
}

/// What is said of a question that has no answer.
fn refused(question: &SizeQuestion) -> String {
    match asked(question, &[]) {
        Err(Error::Faulty(faulty)) => faulty.render(Style::Human { colour: false }),
        other => panic!("{other:?}"),
    }
}

/// R's `power.t.test(delta = 1, sd = 1, power = 0.9)` gives 22.02 an arm, and with `delta = 0.7` 43.87.
#[test]
fn two_means_need_what_the_t_test_needs() {
    for (scenario, an_arm) in [("base", 22.02), ("smaller", 43.87)] {
        let question = SizeQuestion { scenario: Some(scenario.to_owned()), ..question() };
        let answer = asked(&question, &[]).unwrap();
        let (lower, upper) = answer.interval;
        assert!(lower < 2.0 * an_arm && 2.0 * an_arm < upper, "{answer:?}");
        assert!(upper - lower < 0.4 * 2.0 * an_arm, "{answer:?}");
        assert_eq!(answer.participants % 2, 0);
        let gap = (answer.confirmed.power() - 0.9) / answer.confirmed.standard_error();
        assert!(gap.abs() < 4.0, "{answer:?}");
    }
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let precise = Override { path: "simulation.precision".into(), value: "0.05".into() };
    let answer = || asked(&question(), std::slice::from_ref(&precise));
    let alone = proband::on_threads(std::num::NonZeroUsize::new(1), answer);
    assert_eq!(answer().unwrap().path, alone.unwrap().path);
}

#[test]
fn questions_without_an_answer_are_faults() {
    let of = |of: &str| SizeQuestion { of: Some(of.to_owned()), ..question() };
    assert!(refused(&of("scor")).contains("did you mean `score`?"));
    let power = |power| SizeQuestion { power, ..question() };
    for wrong in [0.05, 1.0, -1.0, f64::NAN] {
        assert!(refused(&power(wrong)).contains("above the level, here 0.05, and below 1"));
    }
    let scenario = |id: &str| SizeQuestion { scenario: Some(id.to_owned()), ..question() };
    assert!(refused(&scenario("null")).contains("arms that are the same"));
    assert!(refused(&scenario("fixed")).contains("says how many participants there are"));
    assert!(refused(&SizeQuestion { replicates: 10, ..question() }).contains("too few"));
}

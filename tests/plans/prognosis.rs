//! `prognosis(ARM)`: what a digital twin of each participant saves, in a simulated trial and by theory (A. Schuler
//! et al., International Journal of Biostatistics 18, 2022).

use crate::reference::{Csv, find, try_analyse};
use proband::{Ended, Finding, StatisticName as S, Unwatched};
use proband_stats::prognostic::AdjustedPlan;
use tempfile::TempDir;

/// Scores that rise by 2 with a standard deviation of 5, and are measured with one of 1 before and after.
const TRIAL: &str = r#"
[trial]
id = "PROGNOSIS"

[simulation]
seed = 7

[model.score]
text = '''
model score "a score that rises on its own, and less under treatment"
time week
param start  = 30 ~ normal sd 4
param rise   = 2  ~ normal sd 5
param effect = 0
observe score = start + (rise + effect) * min(t / 12 week, 1) ~ normal sd 1
'''

[design]
participants = 600

[arm.placebo]

[arm.active]
parameters.effect = -3

[[encounter]]
at = ["week 0", "week 12"]

[endpoint.rise]
value = "change(score, week 12)"

[analysis.plain]
endpoint   = "rise"
covariates = []

[analysis.adjusted]
endpoint   = "rise"
covariates = ["prognosis(placebo)"]

[analysis.imperfect]
endpoint        = "rise"
covariates      = ["prognosis(placebo)"]
prognosis_error = 0.5
"#;

fn run(trial: &str) -> Vec<Finding> {
    let home = TempDir::new().unwrap();
    let file = home.path().join("trial.toml");
    std::fs::write(&file, trial).unwrap();
    let opened = proband::open(file.to_str().unwrap(), &[]);
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    match proband::run(&opened, home.path(), &Unwatched).unwrap() {
        Ended::Finished(run) => run.findings.clone(),
        _ => panic!("a run that ends"),
    }
}

fn difference(found: &[Finding], analysis: &str) -> (f64, f64) {
    let ours = find(found, (analysis, "ANCOVA"), None, S::Difference);
    assert_eq!(ours.n, Some(600));
    (ours.estimate.unwrap(), ours.standard_error.unwrap())
}

#[test]
fn what_a_twin_of_each_participant_saves() {
    let found = run(TRIAL);
    let (_, plain) = difference(&found, "plain");
    let (estimate, adjusted) = difference(&found, "adjusted");
    let (_, imperfect) = difference(&found, "imperfect");
    // Of the variance 25 + 2 the twin knows 25.
    let correlation = (25.0_f64 / 27.0).sqrt();
    let plan = AdjustedPlan { difference: 3.0, sd: 27.0_f64.sqrt(), correlation, alpha: 0.05 };
    let left = 1.0 - plan.variance_reduction();
    // The variance of a variance from 600 participants.
    let luck = 3.0 * (2.0 * 2.0 / 600.0_f64).sqrt();
    let ratio = (adjusted / plain).powi(2);
    assert!((ratio / left - 1.0).abs() < luck, "{ratio} of {left}");
    assert!((estimate + 3.0).abs() < 4.0 * adjusted, "{estimate} ± {adjusted}");
    assert!(adjusted < imperfect && imperfect < plain, "{adjusted} {imperfect} {plain}");
    // What is asked of the twin changes nothing else.
    let alone = TRIAL.split("[analysis.adjusted]").next().unwrap();
    assert_eq!(difference(&run(alone), "plain").1.to_bits(), plain.to_bits());
    let again = run(TRIAL);
    assert_eq!(difference(&again, "imperfect").1.to_bits(), imperfect.to_bits());
}

#[test]
fn a_data_set_has_columns_instead_of_twins() {
    let mut table = Csv::new("USUBJID,TRTP,PARAMCD,AVISIT,AVAL");
    for k in 0..6 {
        table.row(&[&k, &["a", "b"][k % 2], &"SCORE", &"Week 12", &k]);
    }
    let plan = "[arm.a]\ncontrol = true\n[arm.b]\n[endpoint.x]\nvalue = \"at(score, week 12)\"\n\
                [analysis.x]\nendpoint = \"x\"\ncovariates = [\"prognosis(a)\"]\n";
    let faults = try_analyse(&[("adeff", &table)], plan).unwrap_err();
    assert!(faults.contains("a data set has no twins to ask"), "{faults}");
}

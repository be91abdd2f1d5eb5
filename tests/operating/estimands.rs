//! Bias and coverage against the true value of an estimand, which here has a closed form.

use proband::{Characteristic, Ended, Measure, StatisticName, Unwatched};
use proband_math::exp;
use std::fs;
use tempfile::TempDir;

/// A quantity that rises by 1 a day in the active arm while treatment goes on; it is stopped at the rate 0.05/day.
const TRIAL: &str = r#"
trial.id = "TRUTH"
model.m.text = '''
model m
time day
input effect = 0
state y = 0
d y/dt = effect * 1 1/day
observe y ~ normal sd 0.5
'''
simulation.replicates = 200
design.participants = 100
[epoch.treatment]
duration = "20 day"
[arm.none]
control = true
[arm.active]
inputs = { effect = "if on_treatment then 1 else 0" }
[[encounter]]
at = ["day 1", "day 21"]
[discontinuation.stopped]
from = "treatment"
hazard = "0.05 1/day"
arms = ["active"]
retained = "RETAINED"
[endpoint.rise]
value = "change(y, day 21)"
[estimand.policy]
endpoint = "rise"
intercurrent.stopped = "treatment policy"
[analysis.policy]
estimand = "policy"
method = "t-test"
"#;

/// The mean of the time on treatment, censored at 20 days.
fn truth() -> f64 {
    (1.0 - exp(-1.0)) / 0.05
}

/// What is found of the difference where so many of those who stop treatment stay for the last visit.
fn found(retained: &str) -> Vec<Characteristic> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("trial.toml");
    fs::write(&path, TRIAL.replace("RETAINED", retained)).expect("a file");
    let opened = proband::open(path.to_str().expect("a path of ours"), &[]).expect("a trial");
    let ended = proband::run(&opened, folder.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    let of = |one: &Characteristic| {
        one.statistic == StatisticName::Difference && one.analysis == "policy"
    };
    finished.operating.into_iter().filter(of).collect()
}

fn measure(found: &[Characteristic], measure: Measure) -> f64 {
    let of = found.iter().find(|one| one.measure == measure);
    of.unwrap_or_else(|| panic!("no {measure:?}")).estimate
}

#[test]
fn who_is_followed_after_stopping_gives_an_estimate_without_bias() {
    let found = found("100 %");
    // The time on treatment has an SD of 7: of 50 in 200 repetitions the mean errs by 0.07, as that of the
    // 10,000 twins of the true value does. Four of both are 0.40.
    assert!((measure(&found, Measure::Mean) - truth()).abs() < 4.0 * 0.07);
    assert!(measure(&found, Measure::Bias).abs() < 0.40);
    // Four errors of a share of 200 are 0.062, and a true value that is off by 0.07 takes away less than 0.002.
    assert!((measure(&found, Measure::Coverage) - 0.95).abs() < 0.064);
}

#[test]
fn who_leaves_with_treatment_leaves_a_bias_that_is_known() {
    let found = found("0 %");
    // Only those who never stop are seen at the end, and they have risen by 20.
    let bias = measure(&found, Measure::Bias);
    assert!((bias - (20.0 - truth())).abs() < 0.30, "{bias}");
    assert!(measure(&found, Measure::Coverage) < 1e-9);
    let squared = measure(&found, Measure::MeanSquaredError);
    assert!((squared - bias * bias).abs() < 1.0, "{squared}");
}

//! Estimands: what analyses take of records, and true values, against closed forms.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use crate::{assert_within, trial};
use proband_analysis::{Finding, put_truth};
use proband_engine::{Cut, TruthError, Unwatched, Watch, true_effects};
use proband_math::exp;
use proband_tests::{open, plan, simulated};
use std::sync::atomic::{AtomicU64, Ordering};

/// A quantity that rises by 1 a day in the active arm while treatment goes on.
const MODEL: &str = "
model m
time day
input effect = 0
state y = 0
d y/dt = effect * 1 1/day
observe y ~ normal sd 0.5
";

/// Who is active stops at the rate 0.05/day, and some of those leave; visits are at days 5, 10, 15, 20.
const TRIAL: &str = "
simulation.truth_twins = 4000
[arm.none]
control = true
[arm.active]
inputs = { effect = \"if on_treatment then 1 else 0\" }
[epoch.treatment]
duration = \"20 day\"
[[encounter]]
at = [\"day 1\", \"day 6\", \"day 11\", \"day 16\", \"day 21\"]
[discontinuation.stopped]
from = \"treatment\"
hazard = \"0.05 1/day\"
arms = [\"active\"]
retained = \"70 %\"
[endpoint.rise]
value = \"change(y, day 21)\"
[endpoint.high]
value = \"at(y, day 21) >= 12\"
better = \"higher\"
[endpoint.until]
value = \"time_to(stopped)\"
better = \"higher\"
[analysis.rise]
endpoint = \"rise\"
[analysis.high]
endpoint = \"high\"
[analysis.until]
endpoint = \"until\"
";

const RATE: f64 = 0.05;

/// Findings of the first comparison of an analysis of one estimand, with the truth beside them.
fn found(participants: u32, estimand: &str, method: &str) -> Vec<Finding> {
    let rest = format!(
        "{TRIAL}[estimand.it]\n{estimand}\n[analysis.it]\nestimand = \"it\"\n{method}\n"
    );
    let trial = open(&trial(participants, &rest), &[("m.model", MODEL)]);
    let mut found = proband_tests::found(&plan(&trial));
    put_truth(&mut found, &true_effects(&trial, Cut::default(), &Unwatched).unwrap());
    found.retain(|finding| finding.analysis == "it" && finding.truth.is_some());
    found
}

/// The truth is as expected, within four of its standard errors and no more than `most`; gives the estimate.
#[track_caller]
fn assert_truth(found: &[Finding], expected: f64, most: f64) -> f64 {
    let finding = &found[0];
    let (truth, error) = (finding.truth.unwrap(), finding.truth_error.unwrap());
    assert!(
        (truth - expected).abs() <= 4.0 * error + 1e-6 && error < most,
        "{truth} +- {error} for {expected}"
    );
    finding.estimate.unwrap()
}

/// Counts the twins whose true values are known, and asks to stop after so many.
struct StopAfter {
    twins: u64,
    known: AtomicU64,
}

impl Watch for StopAfter {
    fn truth_known(&self, twins: u64, of: u64) {
        assert!(twins <= of && of == 4_000, "{twins} of {of}");
        self.known.fetch_max(twins, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.known.load(Ordering::Relaxed) >= self.twins
    }
}

#[test]
fn true_values_say_how_far_they_are_and_can_be_stopped() {
    let policy = strategy("treatment policy");
    let rest =
        format!("{TRIAL}[estimand.it]\n{policy}\n[analysis.it]\nestimand = \"it\"\n{T_TEST}\n");
    let trial = open(&trial(200, &rest), &[("m.model", MODEL)]);
    let asked = |twins| {
        let watch = StopAfter { twins, known: AtomicU64::new(0) };
        let found = true_effects(&trial, Cut::default(), &watch);
        (found, watch.known.into_inner())
    };
    let (whole, known) = asked(u64::MAX);
    assert_eq!((whole.unwrap().len(), known), (1, 4_000));
    let (stopped, known) = asked(1);
    assert!(matches!(stopped, Err(TruthError::Interrupted)) && known < 4_000, "{known}");
}

const RISE: &str = "endpoint = \"rise\"\n";
const T_TEST: &str = "method = \"t-test\"";

fn strategy(word: &str) -> String {
    format!("{RISE}intercurrent.stopped = \"{word}\"")
}

#[test]
fn treatment_policy_takes_everybody_as_they_are() {
    let found = found(200, &strategy("treatment policy"), T_TEST);
    // The mean of the time on treatment, censored at 20 days.
    assert_truth(&found, (1.0 - exp(-20.0 * RATE)) / RATE, 0.15);
}

#[test]
fn hypothetically_nobody_stops() {
    let found = found(200, &strategy("hypothetical"), T_TEST);
    // Only those who went on have a record at the end, and they have risen by 20.
    let estimate = assert_truth(&found, 20.0, 0.02);
    // The difference of two differences of records: an SD of 0.71, and 36 or more in an arm.
    assert_within(&[estimate], &[20.0], 4.0 * 0.17 / 20.0);
}

#[test]
fn while_on_treatment_the_last_record_before_counts() {
    let found = found(2_000, &strategy("while on treatment"), T_TEST);
    let expected: f64 = (1..=4).map(|k| 5.0 * exp(-RATE * 5.0 * f64::from(k))).sum();
    let estimate = assert_truth(&found, expected, 0.15);
    // 1000 active with an SD of 7: a standard error of 0.23.
    assert_within(&[estimate], &[expected], 4.0 * 0.23 / expected);
}

#[test]
fn a_principal_stratum_is_of_those_who_would_stop_in_neither_arm() {
    let found = found(200, &strategy("principal stratum"), T_TEST);
    let estimate = assert_truth(&found, 20.0, 0.02);
    // The difference of two differences of records: an SD of 0.71, and 36 or more in an arm.
    assert_within(&[estimate], &[20.0], 4.0 * 0.17 / 20.0);
}

#[test]
fn a_composite_event_is_a_failure() {
    let of = |word: &str| {
        let estimand = format!("endpoint = \"high\"\nintercurrent.default = \"{word}\"");
        found(2_000, &estimand, "missing = { method = \"failure\" }")
    };
    // Who stops after day 12 has risen enough, but has failed.
    assert_truth(&of("treatment policy"), 100.0 * exp(-12.0 * RATE), 1.0);
    let estimate = assert_truth(&of("composite"), 100.0 * exp(-20.0 * RATE), 1.0);
    // A share of 0.368 among 1000 has a standard error of 1.5 points.
    assert_within(&[estimate], &[100.0 * exp(-20.0 * RATE)], 6.1 / 36.8);
}

#[test]
fn summaries_of_a_condition_agree_with_each_other() {
    let of = |summary: &str| {
        let estimand =
            format!("endpoint = \"high\"\nsummary = \"{summary}\"\npopulation = \"treated\"");
        let compare = "compare = [[\"active\", \"none\"]]";
        found(400, &estimand, &format!("method = \"proportions\"\n{compare}"))
    };
    // Nobody is high without treatment: no ratio is known, and none is told.
    assert_eq!(of("difference").len(), 1);
    assert!(of("ratio").is_empty() && of("odds ratio").is_empty());
}

#[test]
fn the_table_of_intercurrent_events_says_how_each_estimand_deals_with_them() {
    let one =
        "[estimand.policy]\nendpoint = \"rise\"\n[analysis.policy]\nestimand = \"policy\"\n";
    let rest = format!(
        "{TRIAL}{one}[estimand.it]\n{}\n[analysis.it]\nestimand = \"it\"\n",
        strategy("hypothetical")
    );
    let opened = open(&trial(100, &rest), &[("m.model", MODEL)]);
    let tables = simulated(&plan(&opened));
    let of = |estimand: &str, strategy: &str| {
        let wanted = [("ESTIMAND", estimand), ("STRATEGY", strategy), ("ICEID", "stopped")];
        tables.having("ices", &wanted).len()
    };
    let stopped = tables.having("adsl", &[("EOTSTT", "DISCONTINUED")]).len();
    assert!(stopped > 20);
    assert_eq!([of("policy", "treatment policy"), of("it", "hypothetical")], [stopped; 2]);
    let without = open(&trial(100, TRIAL), &[("m.model", MODEL)]);
    let rows = simulated(&plan(&without));
    assert_eq!(
        rows.having("ices", &[("KIND", "discontinuation"), ("ESTIMAND", "")]).len(),
        stopped
    );
}

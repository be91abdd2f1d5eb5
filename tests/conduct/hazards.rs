//! Hazards: event times against the laws they must follow.

use crate::{assert_within, mean, run};
use proband_math::exp;
use proband_tests::Tables;

pub(crate) const MANY: u32 = 20_000;

/// Times of a hazard, by twin in the order of the table.
fn times(tables: &Tables, name: &str) -> Vec<f64> {
    tables.numbers("truth_events", &[("EVENT", name)], "ASTTIME")
}

/// The largest distance between the empirical distribution of times, of which those beyond the
/// follow-up are missing, and a distribution function.
pub(crate) fn distance(times: &[f64], participants: u32, law: impl Fn(f64) -> f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = f64::from(participants);
    let off = |(rank, &t): (usize, &f64)| {
        let (below, above) = (rank as f64 / n, (rank + 1) as f64 / n);
        (law(t) - below).abs().max((law(t) - above).abs())
    };
    sorted.iter().enumerate().map(off).fold(0.0, f64::max)
}

/// Kolmogorov's bound at one in a million: sqrt(-ln(1e-6 / 2) / 2 / n) = 2.69 / sqrt(n).
pub(crate) fn bound(participants: u32) -> f64 {
    2.69 / f64::from(participants).sqrt()
}

const WEEKS: &str =
    "[arm.a]\n[epoch.treatment]\nduration = \"30 day\"\n[[encounter]]\nat = [\"day 1\"]\n";

#[test]
fn a_constant_hazard_gives_exponential_times() {
    let model =
        "model m\ntime h\nhazard death [1/day] = 0.1 1/day, terminal\nobserve one = 1\n";
    let tables = run(MANY, model, WEEKS);
    let found = times(&tables, "death");
    assert!(distance(&found, MANY, |t| 1.0 - exp(-0.1 * t)) < bound(MANY));
    // 1 - exp(-3) of them within 30 days; 4 standard errors of a share are 0.0062.
    assert_within(&[found.len() as f64 / f64::from(MANY)], &[1.0 - exp(-3.0)], 0.0062);
    let survivors = tables.having("adsl", &[("EOSSTT", "COMPLETED")]);
    assert_eq!(survivors.len() + found.len(), MANY as usize, "nobody dies twice");
}

#[test]
fn a_rising_hazard_gives_weibull_times() {
    let model = "
model m
time day
param shape = 2
param scale = 12 day
hazard death [1/day] = shape / scale * (t / scale)^(shape - 1), terminal
observe one = 1
";
    let tables = run(MANY, model, WEEKS);
    let law = |t: f64| 1.0 - exp(-(t / 12.0) * (t / 12.0));
    assert!(distance(&times(&tables, "death"), MANY, law) < bound(MANY));
}

#[test]
fn a_hazard_may_follow_a_state() {
    // A rate that halves each day, 1/day at first: H(t) = (1 - 2^-t) / ln 2, so some never have it.
    let model = "
model m
time day
state x = 1
d x/dt = -ln(2) * x / 1 day
hazard event [1/day] = x / 1 day, once
observe x
";
    let tables = run(MANY, model, WEEKS);
    let ln2 = std::f64::consts::LN_2;
    let law = |t: f64| 1.0 - exp(-(1.0 - exp(-ln2 * t)) / ln2);
    assert!(distance(&times(&tables, "event"), MANY, law) < bound(MANY));
}

#[test]
fn a_hazard_that_recurs_is_a_poisson_process() {
    let model = "model m\ntime week\nhazard attack [1/day] = 0.2 1/day\nobserve one = 1\n";
    let participants = 5_000;
    let tables = run(participants, model, WEEKS);
    let mut counts = std::collections::BTreeMap::<String, f64>::new();
    for row in tables.rows("truth_events") {
        *counts.entry(row.text("USUBJID").to_owned()).or_default() += 1.0;
    }
    let mut counts: Vec<f64> = counts.into_values().collect();
    counts.resize(participants as usize, 0.0);
    // 6 in 30 days. Standard errors: of the mean sqrt(6 / n) = 0.035, of the variance
    // sqrt((6 + 2 36) / n) = 0.125; four of each.
    let average = mean(&counts);
    let spread =
        mean(&counts.iter().map(|c| (c - average) * (c - average)).collect::<Vec<_>>());
    assert_within(&[average], &[6.0], 0.14 / 6.0);
    assert_within(&[spread], &[6.0], 0.5 / 6.0);
    // The times between are exponential too: all times together are uniform over the 30 days.
    let all = times(&tables, "attack");
    let n = u32::try_from(all.len()).unwrap();
    assert!(distance(&all, n, |t| t / 30.0) < bound(n));
}

#[test]
fn what_a_hazard_changes_is_changed_at_once() {
    let model = "
model m
time day
state n
d n/dt = 0 1/day
hazard attack [1/day] = 1 1/day
on attack: n += 1
observe n
";
    let rest = "[arm.a]\n[[encounter]]\nat = [\"day 11\"]\n";
    let tables = run(50, model, rest);
    for row in tables.rows("adlb") {
        let subject = row.text("USUBJID");
        let happened = tables.having("truth_events", &[("USUBJID", subject)]).len();
        assert_within(&[row.number("AVAL")], &[happened as f64], 0.0);
    }
}

#[test]
fn the_first_of_two_terminal_hazards_ends_follow_up() {
    let model = "
model m
time day
hazard death [1/day] = 0.06 1/day, terminal
hazard dropout [1/day] = 0.03 1/day, terminal
observe one = 1
";
    let tables = run(MANY, model, WEEKS);
    let deaths = times(&tables, "death");
    let dropouts = times(&tables, "dropout");
    let both: Vec<f64> = deaths.iter().chain(&dropouts).copied().collect();
    assert!(distance(&both, MANY, |t| 1.0 - exp(-0.09 * t)) < bound(MANY));
    // Two thirds of those who leave have died; 4 standard errors of 0.0035.
    assert_within(&[deaths.len() as f64 / both.len() as f64], &[2.0 / 3.0], 0.014);
}

#[test]
fn a_hazard_ratio_of_an_arm_acts_from_day_1_on_the_same_draws() {
    let model = "
model m
time day
param ratio = 1
hazard death [1/day] = ratio * 0.05 1/day, terminal
observe one = 1
";
    let rest = "
design.assignment = \"every-arm\"
[arm.control]
[arm.half]
parameters = { ratio = 0.5 }
[epoch.treatment]
duration = \"400 day\"
[[encounter]]
at = [\"day 1\"]
";
    let tables = run(200, model, rest);
    let of = |arm| {
        let rows = tables.having("truth_events", &[("TRT01P", arm)]);
        rows.iter().map(|row| row.number("ASTTIME")).collect::<Vec<f64>>()
    };
    let (control, half) = (of("control"), of("half"));
    assert!(control.len() >= 190);
    // The same exponential number is reached in twice the time.
    for (slow, fast) in half.iter().zip(&control) {
        assert!((slow / fast - 2.0).abs() < 1e-6, "{slow} and {fast}");
    }
}

#[test]
fn arms_that_share_no_draws_have_hazards_of_their_own() {
    let model =
        "model m\ntime day\nhazard death [1/day] = 0.1 1/day, terminal\nobserve one = 1\n";
    let rest = "
design.assignment = \"every-arm\"
simulation.common = []
[arm.a]
control = true
[arm.b]
[epoch.run_in]
duration = \"10 day\"
[epoch.treatment]
duration = \"40 day\"
[[encounter]]
at = [\"day 1\"]
";
    let tables = run(5_000, model, rest);
    let of = |arm| {
        let rows = tables.having("truth_events", &[("TRT01P", arm)]);
        rows.iter()
            .map(|row| (row.text("USUBJID")[..8].to_owned(), row.number("ASTTIME")))
            .filter(|(_, t)| *t > 0.0)
            .collect::<Vec<_>>()
    };
    let (a, b) = (of("a"), of("b"));
    let alive = a.len().max(b.len()) as u32;
    for times in [&a, &b] {
        let times: Vec<f64> = times.iter().map(|one| one.1).collect();
        let alive = tables.rows("adsl").len() as u32 / 2;
        assert!(distance(&times, alive, |t| 1.0 - exp(-0.1 * t)) < bound(alive));
    }
    let same = a.iter().filter(|one| b.contains(one)).count();
    assert!(alive > 1_000 && same == 0, "{same} of {alive} are the same");
}

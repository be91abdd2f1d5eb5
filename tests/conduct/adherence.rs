//! Adherence: which doses are taken, when, and by whom, against closed forms.

use crate::{mean, run};
use proband_tests::{Row, Tables};

const GIVEN: &str = "
model given
time day
covariate age [year] = 50 year
state x [mg]
dose oral -> x
d x/dt = 0 mg/day
observe x
";

fn taking(participants: u32, adherence: &str) -> Tables {
    let rest = format!(
        "
[population.covariates]
age = {{ uniform = {{ min = 20, max = 80 }}, unit = \"year\" }}
[arm.a]
regimen = {{ amount = \"1 mg\", every = \"1 day\" }}
[epoch.treatment]
duration = \"200 day\"
[[encounter]]
at = [\"day 201\"]
[endpoint.intensity]
value = \"dose_intensity(a, day 1, day 201)\"
[adherence]
{adherence}
"
    );
    run(participants, GIVEN, &rest)
}

/// For each participant, whether each dose was taken.
fn taken(tables: &Tables) -> Vec<Vec<bool>> {
    let flags = |rows: Vec<&Row>| rows.iter().map(|row| row.flag("DOSEFL")).collect();
    tables.by_subject("adex").into_values().map(flags).collect()
}

fn share(taken: &[bool]) -> f64 {
    taken.iter().filter(|&&taken| taken).count() as f64 / taken.len() as f64
}

#[test]
fn doses_are_missed_one_by_one() {
    let tables = taking(100, "taken = \"90 %\"");
    let all = taken(&tables);
    let shares: Vec<f64> = all.iter().map(|doses| share(doses)).collect();
    // 20,000 doses: a standard error of 0.0021.
    assert!((mean(&shares) - 0.9).abs() < 3.0 * 0.0021, "{}", mean(&shares));
    // What was taken is what arrived, and its share is the intensity.
    let arrived = tables.numbers("adlb", &[("PARAMCD", "X")], "AVAL");
    let intensity = tables.numbers("adeff", &[], "AVAL");
    for ((share, arrived), intensity) in shares.iter().zip(arrived).zip(intensity) {
        assert!((arrived - 200.0 * share).abs() < 1e-6);
        assert!((intensity - share).abs() < 1e-12);
    }
}

#[test]
fn missed_doses_come_in_runs_of_their_length() {
    let tables = taking(200, "taken = \"80 %\"\nholiday = \"4 day\"");
    let all = taken(&tables);
    let shares: Vec<f64> = all.iter().map(|doses| share(doses)).collect();
    // A chain of two states with eigenvalue 1 - 1/4 - 1/16: the variance of a mean over 200 doses is
    // p (1 - p) (1 + l) / (1 - l) / 200, over 200 participants.
    let eigenvalue: f64 = 1.0 - 0.25 - 0.0625;
    let variance = 0.16 * (1.0 + eigenvalue) / (1.0 - eigenvalue) / (200.0 * 200.0);
    assert!((mean(&shares) - 0.8).abs() < 3.0 * variance.sqrt(), "{}", mean(&shares));
    // Runs that end before follow-up does, and begin early enough not to be cut: geometric, mean 4.
    let mut lengths = Vec::new();
    for doses in &all {
        for start in 1..120 {
            if doses[start - 1] && !doses[start] {
                let length = doses[start..].iter().take_while(|taken| !**taken).count();
                lengths.push(length as f64);
            }
        }
    }
    // A geometric number of mean 4 has the standard deviation sqrt(12).
    let error = (12.0 / lengths.len() as f64).sqrt();
    assert!((mean(&lengths) - 4.0).abs() < 3.0 * error, "{}", mean(&lengths));
}

#[test]
fn participants_differ_by_their_propensity_and_their_covariates() {
    let tables = taking(1_000, "taken = \"80 %\"\nbetween = 1.0");
    let shares: Vec<f64> = taken(&tables).iter().map(|doses| share(doses)).collect();
    // The mean and variance of expit(logit(0.8) + z), by quadrature of 200,000 points, with the binomial
    // variance of 200 doses beside the latter.
    let (expected, between) = (0.761_256, 0.026_272);
    let binomial = (expected - between - expected * expected) / 200.0;
    let found = mean(&shares);
    let spread = mean(&shares.iter().map(|s| (s - found) * (s - found)).collect::<Vec<_>>());
    let error = ((between + binomial) / 1_000.0_f64).sqrt();
    assert!((found - expected).abs() < 3.0 * error, "{found}");
    // Bounded by 1/4: a variance of a thousand has an error of at most a tenth of itself.
    assert!((spread / (between + binomial) - 1.0).abs() < 0.2, "{spread}");

    let by_age = taking(400, "taken = \"if age >= 50 year then 95 % else 60 %\"");
    let of = |old: bool| {
        let ages = by_age.numbers("adsl", &[], "AGE").into_iter();
        let shares = taken(&by_age).into_iter().map(|doses| share(&doses));
        let these = ages.zip(shares).filter(|(age, _)| (*age >= 50.0) == old);
        mean(&these.map(|(_, share)| share).collect::<Vec<_>>())
    };
    assert!((of(true) - 0.95).abs() < 0.005 && (of(false) - 0.6).abs() < 0.01);
}

#[test]
fn doses_are_late_by_a_half_normal_and_never_after_the_next() {
    let tables = taking(50, "late = \"3 h\"");
    let times = tables.numbers("adex", &[], "ASTTIME");
    let late: Vec<f64> = times.iter().map(|time| (time - time.floor()) * 24.0).collect();
    assert_eq!(late.len(), 10_000);
    // The mean of a half-normal of standard deviation s is s sqrt(2 / pi), its variance s^2 (1 - 2 / pi).
    let expected = 3.0 * (2.0 / std::f64::consts::PI).sqrt();
    let error = 3.0 * ((1.0 - 2.0 / std::f64::consts::PI) / 10_000.0).sqrt();
    assert!((mean(&late) - expected).abs() < 3.0 * error, "{}", mean(&late));

    let very = taking(20, "late = \"3 day\"");
    for (index, row) in very.rows("adex").iter().enumerate() {
        let day = (index % 200) as f64;
        let time = row.number("ASTTIME");
        assert!(time >= day && time <= day + 1.0, "{time} for day {day}");
    }
}

#[test]
fn an_arm_that_is_added_changes_no_dose() {
    let before = taking(40, "taken = \"70 %\"\nbetween = 0.5\nlate = \"2 h\"");
    let again = taking(40, "taken = \"70 %\"\nbetween = 0.5\nlate = \"2 h\"");
    assert_eq!(before, again);
    let later = taking(40, "taken = \"70 %\"\nbetween = 0.5");
    // Being late changes neither who takes which dose nor how much.
    let doses = |tables: &Tables| -> Vec<bool> { taken(tables).concat() };
    assert_eq!(doses(&before), doses(&later));
}

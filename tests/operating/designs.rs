//! Designs whose power is known: simulated within three Monte Carlo standard errors of it.

use proband_analysis::{Characteristic, Measure, StatisticName};
use proband_engine::characterise;
use proband_stats::binary::{Proportion, miettinen_nurminen_test};
use proband_stats::design::{log_rank_power, t_test_power};
use proband_stats::sequential::Sides;
use proband_tests::{open, plan};

/// What is found over the repetitions of a trial, scenario by scenario.
pub(crate) fn characteristics(toml: &str) -> Vec<Characteristic> {
    let trial = open(toml, &[]);
    let scenarios = if trial.scenarios.is_empty() {
        std::slice::from_ref(&trial)
    } else {
        trial.scenarios.as_slice()
    };
    let of = |trial: &proband_trial::Trial| {
        characterise(&plan(trial), 0..trial.simulation.replicates).expect("it runs")
    };
    scenarios.iter().flat_map(of).collect()
}

/// The measure of a statistic in a scenario.
#[track_caller]
pub(crate) fn find<'a>(
    found: &'a [Characteristic],
    scenario: &str,
    statistic: StatisticName,
    measure: Measure,
) -> &'a Characteristic {
    let mut of = found.iter().filter(|of| of.scenario == scenario && of.measure == measure);
    of.find(|of| of.statistic == statistic && of.comparison.is_some())
        .unwrap_or_else(|| panic!("no {measure:?} of {statistic:?} in {scenario}: {found:#?}"))
}

/// Within three Monte Carlo standard errors, of the truth where it is a share.
#[track_caller]
pub(crate) fn assert_near(found: &Characteristic, truth: f64) {
    let se = match found.measure.is_share() {
        true => (truth * (1.0 - truth) / found.n as f64).sqrt(),
        false => found.standard_error.expect("a share has one"),
    };
    let gap = (found.estimate - truth) / se;
    assert!(gap.abs() < 3.0, "{} is {gap:.1} Monte Carlo SE from {truth}", found.estimate);
}

const MEANS: &str = r#"
trial.id = "MEANS"
simulation.replicates = 1500
model.m.text = '''
model m
time week
param effect = 0
param spread = 0 ~ normal sd 10
observe score = 50 + effect + spread
'''
[design]
participants = 80
[arm.control]
control = true
[arm.active]
parameters = { effect = 6 }
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
"#;

#[test]
fn two_means() {
    let found = characteristics(MEANS);
    let of = |scenario, measure| find(&found, scenario, StatisticName::Difference, measure);
    let power = t_test_power(0.6, [40.0, 40.0], 0.025, Sides::Two).unwrap();
    assert_near(of("base", Measure::Power), power);
    assert_near(of("base", Measure::Mean), 6.0);
    // 10 sqrt(2 / 40).
    assert_near(of("base", Measure::EmpiricalSe), 5_f64.sqrt());
    assert_near(of("null", Measure::TypeIError), 0.05);
    assert_near(of("null", Measure::Bias), 0.0);
    assert_near(of("null", Measure::Coverage), 0.95);
    assert_near(of("null", Measure::MeanSquaredError), 5.0);
}

#[test]
fn scenarios_share_their_random_numbers() {
    let found = characteristics(MEANS);
    let mean = |scenario: &str, found: &[Characteristic]| {
        find(found, scenario, StatisticName::Difference, Measure::Mean).estimate
    };
    let gap = |found: &[Characteristic]| mean("base", found) - mean("null", found) - 6.0;
    assert!(gap(&found).abs() < 1e-9, "{}", gap(&found));
    let apart = MEANS.replace("replicates", "common = [\"arms\"]\nsimulation.replicates");
    let apart = characteristics(&apart);
    assert!(gap(&apart).abs() > 1e-6);
    let base = |found: &[Characteristic]| mean("base", found).to_bits();
    assert_eq!(base(&found), base(&apart), "the base keeps its seed");
}

const SHARES: &str = r#"
trial.id = "SHARES"
simulation.replicates = 1500
model.m.text = '''
model m
time week
param chance = 0.3
observe cured = chance ~ bernoulli
'''
[design]
participants = 180
[arm.control]
control = true
[arm.active]
parameters = { chance = 0.5 }
[[encounter]]
at = "week 8"
[endpoint.cured]
value = "at(cured, week 8) > 0.5"
[scenario.null]
arm.active.parameters.chance = 0.3
"#;

#[test]
fn two_shares() {
    let found = characteristics(SHARES);
    let of = |scenario, measure| find(&found, scenario, StatisticName::RiskDifference, measure);
    let (power, level) = (score_test_power(0.5), score_test_power(0.3));
    assert!((power - 0.78).abs() < 0.03 && (level - 0.05).abs() < 0.01, "{power} {level}");
    assert_near(of("base", Measure::Power), power);
    assert_near(of("base", Measure::Mean), 20.0);
    assert_near(of("null", Measure::TypeIError), level);
    assert_near(of("null", Measure::Bias), 0.0);
}

/// The exact power of the score test, by all outcomes of two arms of 90, of which 30 % of one respond.
fn score_test_power(active: f64) -> f64 {
    const N: u64 = 90;
    let (test, reference) = (binomial(N, active), binomial(N, 0.3));
    let mut power = 0.0;
    for x in 0..=N {
        for y in 0..=N {
            let arms = [x, y].map(|events| Proportion::new(events, N).expect("at most N"));
            let p = miettinen_nurminen_test(arms[0], arms[1], 0.0).map_or(1.0, |test| test.p);
            if p <= 0.05 {
                power += test[x as usize] * reference[y as usize];
            }
        }
    }
    power
}

/// The probabilities of 0 to `n` events.
fn binomial(n: u64, p: f64) -> Vec<f64> {
    let none = (0..n).map(|_| 1.0 - p).product::<f64>();
    let mut all = vec![none];
    for k in 1..=n {
        let odds = p / (1.0 - p) * (n - k + 1) as f64 / k as f64;
        all.push(all[k as usize - 1] * odds);
    }
    all
}

const SURVIVAL: &str = r#"
trial.id = "SURVIVAL"
simulation.replicates = 1000
model.m.text = '''
model m
time month
param median = 12 month
param hr = 1
hazard death [1/month] = ln(2) / median * hr, terminal
'''
[design]
participants = 300
[epoch.treatment]
duration = "24 month"
[arm.control]
control = true
[arm.active]
parameters = { hr = 0.7 }
[endpoint.os]
value = "time_to(death)"
better = "higher"
[analysis.os]
endpoint = "os"
method = "log-rank"
sided = 1
alpha = 0.025
[scenario.null]
arm.active.parameters.hr = 1.0
"#;

#[test]
fn two_survival_curves() {
    let found = characteristics(SURVIVAL);
    let of = |scenario, measure| find(&found, scenario, StatisticName::LogRank, measure);
    // Schoenfeld: an asymptotic formula, so the allowance is that of the simulation and of half a point.
    let dead = |hazard: f64| 1.0 - proband_math::exp(-24.0 * hazard);
    let hazard = proband_math::ln(2.0) / 12.0;
    let events = 150.0 * (dead(hazard) + dead(0.7 * hazard));
    let power = log_rank_power(events, 0.7, 1.0, 0.025).unwrap();
    let found_power = of("base", Measure::Power);
    let se = found_power.standard_error.expect("a share has one");
    assert!((found_power.estimate - power).abs() < 3.0 * se + 0.005, "{found_power:?} {power}");
    assert_near(of("null", Measure::TypeIError), 0.025);
}

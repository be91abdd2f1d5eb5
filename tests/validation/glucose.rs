//! The first twin: ninety days of one person, fitted and predicted.

use crate::trials::run;
use proband::{Category, Finding, StatisticName};
use proband_stats::linear::ols;
use proband_store::{UserTable, read_table};
use std::path::Path;

/// Coefficients, residual SD, R2 and predictions of the program that came before this one
/// (`crates/proband-stats/tests/certification/data/seed-glucose/expected.json`).
const INTERCEPT: f64 = 64.94835214126705;
const SLOPES: [(&str, f64); 3] = [
    ("carbs", 0.32713248233085357),
    ("exercise", -0.19868475991574197),
    ("medication", -0.8928828831435739),
];
const RESIDUAL_SD: f64 = 4.519188797895075;
const R_SQUARED: f64 = 0.7473467260123557;
const PREDICTIONS: [f64; 7] = [
    106.95597973275528,
    124.01497422430425,
    108.05768169342284,
    122.22779241797747,
    112.01448636239061,
    109.23388075648509,
    98.42648248698079,
];

/// Both sides are exact algebra; what is left is rounding, of numbers up to 124 over 90 rows.
const CLOSE: f64 = 1e-9;

fn observed() -> UserTable {
    let data = "../crates/proband-stats/tests/certification/data/seed-glucose/observed.csv";
    read_table(&Path::new(env!("CARGO_MANIFEST_DIR")).join(data)).expect("ninety days")
}

fn close(what: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= CLOSE, "{what}: {ours} is not {theirs}");
}

#[test]
fn least_squares_over_ninety_days_finds_the_coefficients() {
    let table = observed();
    assert_eq!(table.rows, 90);
    let numbers = |name: &str| table.numbers(name).expect("a column of numbers");
    let columns: Vec<&[f64]> = SLOPES.iter().map(|(name, _)| numbers(name)).collect();
    let fit = ols(&columns, numbers("glucose")).expect("ninety rows, three columns");
    let found = fit.coefficients().values();
    close("intercept", found[0], INTERCEPT);
    for ((name, slope), found) in SLOPES.iter().zip(&found[1..]) {
        close(name, *found, *slope);
    }
    close("residual SD", fit.residual_sd(), RESIDUAL_SD);
    close("R2", fit.r_squared().expect("glucose varies"), R_SQUARED);
}

#[test]
fn the_trial_predicts_the_seven_days() {
    let finished = run("glucose-linear", &[]);
    let ours =
        |f: &&Finding| f.category == Category::Published && f.statistic == StatisticName::Ours;
    let found: Vec<f64> =
        finished.findings.iter().filter(ours).map(|f| f.estimate.expect("a value")).collect();
    assert_eq!(found.len(), PREDICTIONS.len());
    let truth = read_table(&finished.folder.join("truth.parquet")).expect("latent values");
    let latent = truth.numbers("AVAL").expect("a column of numbers");
    assert_eq!(latent.len(), PREDICTIONS.len());
    for (day, expected) in PREDICTIONS.iter().enumerate() {
        close(&format!("day {}", day + 1), found[day], *expected);
        close(&format!("day {} in `truth`", day + 1), latent[day], *expected);
    }
}

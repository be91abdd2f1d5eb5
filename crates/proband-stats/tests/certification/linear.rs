use proband_stats::linear::{CrossProducts, LinearFit, ols};
use serde_json::Value;

use crate::{cases, table};

/// The expected coefficients were computed in double precision by another least squares; the
/// design is well conditioned, so that nine digits are asked for.
const COEFFICIENTS: f64 = 1e-9;

fn check(fit: &LinearFit, expected: &Value) {
    let near = |ours: f64, expected: &Value, what: &str| {
        let expected = expected.as_f64().unwrap();
        let gap = (ours / expected - 1.0).abs();
        assert!(gap < COEFFICIENTS, "{what}: {ours} for {expected}");
    };
    let b = fit.coefficients().values();
    near(b[0], &expected["intercept"], "intercept");
    for (k, name) in ["carbs", "exercise", "medication"].iter().enumerate() {
        near(b[k + 1], &expected["coefficients"][name], name);
    }
    near(fit.r_squared().unwrap(), &expected["r2"], "r2");
    near(fit.residual_sd(), &expected["residual_sd"], "residual sd");
}

#[test]
fn glucose_on_carbohydrates_exercise_and_medication() {
    let text = std::fs::read_to_string(cases::folder().join("data/seed-glucose/expected.json"))
        .unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let table = table::read("seed-glucose/observed.csv");
    let columns = ["carbs", "exercise", "medication"].map(|name| table.numbers(name));
    let y = table.numbers("glucose");
    assert_eq!(y.len(), 90);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let fit = ols(&slices, &y).unwrap();
    check(&fit, &expected);
    let mut sums = CrossProducts::new(3);
    for (row, &response) in y.iter().enumerate() {
        sums.push(&columns.each_ref().map(|c| c[row]), response).unwrap();
    }
    check(&sums.fit().unwrap(), &expected);
}

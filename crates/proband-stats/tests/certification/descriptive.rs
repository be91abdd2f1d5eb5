use proband_stats::descriptive::{
    Moments, QuantileRule, geometric, mean_estimate, quantiles, summary,
};
use proband_stats::{Level, StatsError};

use crate::area::Area;
use crate::cases::{self, Case};
use crate::table;

fn check_summary(case: &Case, at: &str, values: &[f64]) {
    let ours = summary(values, QuantileRule::Linear).unwrap();
    let key = |name: &str| format!("{at}/{name}");
    case.check(&key("n"), ours.n as f64);
    case.check(&key("mean"), ours.mean);
    case.check_optional(&key("sd"), ours.sd);
    check_quantiles(case, at, values);
    if !case.has(&key("ci95_mean")) {
        return;
    }
    case.check(&key("n_missing"), ours.missing as f64);
    case.check(&key("min"), ours.min);
    case.check(&key("max"), ours.max);
    case.check(&key("median"), ours.median);
    let mean = mean_estimate(values, Level::P95).unwrap();
    case.check(&key("se"), mean.se);
    case.check(&key("ci95_mean/0"), mean.lower);
    case.check(&key("ci95_mean/1"), mean.upper);
    check_stream(case, at, values);
    check_geometric(case, at, values);
}

fn check_quantiles(case: &Case, at: &str, values: &[f64]) {
    let probabilities: Vec<f64> = case
        .expected(&format!("{at}/probs"))
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_f64().unwrap())
        .collect();
    for (rule, key) in
        [(QuantileRule::Linear, "q_type7"), (QuantileRule::Averaged, "q_type2_sas_default")]
    {
        let mut buffer: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let ours = quantiles(&mut buffer, &probabilities, rule).unwrap();
        for (k, q) in ours.iter().enumerate() {
            case.check(&format!("{at}/{key}/{k}"), *q);
        }
    }
}

/// The same numbers from a stream cut in three and merged.
fn check_stream(case: &Case, at: &str, values: &[f64]) {
    let mut whole = Moments::new();
    for piece in values.chunks(values.len().div_ceil(3)) {
        let mut part = Moments::new();
        for &value in piece {
            part.push(value).unwrap();
        }
        whole.merge(&part);
    }
    case.check(&format!("{at}/n_missing"), whole.missing() as f64);
    case.check(&format!("{at}/mean"), whole.mean().unwrap());
    case.check(&format!("{at}/sd"), whole.sd().unwrap());
    case.check(&format!("{at}/se"), whole.se().unwrap());
    case.check(&format!("{at}/min"), whole.min().unwrap());
    case.check(&format!("{at}/max"), whole.max().unwrap());
}

fn check_geometric(case: &Case, at: &str, values: &[f64]) {
    if !case.has(&format!("{at}/geo_mean")) {
        let ours = geometric(values, Level::P95);
        assert!(matches!(ours, Err(StatsError::NotPositive { .. })), "{ours:?}");
        return;
    }
    let ours = geometric(values, Level::P95).unwrap();
    case.check(&format!("{at}/geo_mean"), ours.mean);
    case.check(&format!("{at}/geo_sd"), ours.sd);
    case.check(&format!("{at}/geo_cv_pct"), 100.0 * ours.cv);
    case.check(&format!("{at}/geo_ci95/0"), ours.lower);
    case.check(&format!("{at}/geo_ci95/1"), ours.upper);
}

#[test]
fn baseline_variables_of_a_trial_by_arm() {
    for case in cases::all("descriptive").iter().filter(|c| c.id().starts_with("adsl_")) {
        let table = table::read("adsl.csv");
        let values = table.numbers(case.params["variable"].as_str().unwrap());
        let arms = table.text("TRT01A");
        for arm in table.distinct("TRT01A") {
            let own: Vec<f64> =
                values.iter().zip(&arms).filter(|(_, a)| **a == arm).map(|(v, _)| *v).collect();
            check_summary(case, &format!("/{arm}"), &own);
        }
        check_summary(case, "/__all__", &values);
    }
}

#[test]
fn small_and_tied_samples() {
    for case in cases::all("descriptive").iter().filter(|c| c.id().starts_with("edge_")) {
        let values: Vec<f64> = serde_json::from_value(case.params["x"].clone()).unwrap();
        check_summary(case, "", &values);
    }
}

pub(crate) const AREA: Area = Area {
    name: "descriptive",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

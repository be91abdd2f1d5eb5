use proband_stats::descriptive::{
    Moments, QuantileRule, geometric, harmonic_mean, mean_estimate, quantiles, shape, summary,
    trapezoid,
};
use proband_stats::{Level, StatsError};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, Table};

pub(crate) const AREA: Area =
    Area { name: "descriptive", agrees_to: 1e-12, certify: describe, not_reproduced: &[] };

#[test]
fn descriptive_certified() {
    AREA.certify();
}

fn describe(case: &Case) {
    match case.id().split('_').next().unwrap() {
        "adsl" => by_arm(case, &table::read("adsl.csv"), "TRT01A"),
        "adlbc" => {
            let first = [("PARAMCD", "ALT"), ("AVISITN", "0"), ("ABLFL", "Y")];
            by_arm(case, &table::read("adlbc_alt_creat.csv").with(&first), "TRTA");
        }
        "theoph" => theophylline(case),
        _ => check_summary(case, "", &case.list("x")),
    }
}

fn by_arm(case: &Case, table: &Table, arms: &str) {
    let values = table.numbers(case.params["variable"].as_str().unwrap());
    for arm in table.distinct(arms) {
        let own: Vec<f64> = values
            .iter()
            .zip(table.is(arms, arm))
            .filter(|(_, is)| *is)
            .map(|(v, _)| *v)
            .collect();
        check_summary(case, &format!("/{arm}"), &own);
    }
    check_summary(case, "/__all__", &values);
}

/// Peak and area of twelve subjects' concentrations.
fn theophylline(case: &Case) {
    let table = table::read("theoph.csv");
    let (times, values, subject) =
        (table.numbers("Time"), table.numbers("conc"), table.text("Subject"));
    let of = |name: &str, column: &[f64]| -> Vec<f64> {
        column.iter().zip(&subject).filter(|(_, s)| **s == name).map(|(v, _)| *v).collect()
    };
    let each: Vec<f64> = (1..=12)
        .map(|k| {
            let name = k.to_string();
            let own = of(&name, &values);
            if case.id() == "theoph_cmax" {
                return own.iter().copied().fold(0.0, f64::max);
            }
            let area = trapezoid(&of(&name, &times), &own).unwrap();
            case.check(&format!("/by_subject/{name}"), area);
            area
        })
        .collect();
    check_summary(case, "", &each);
}

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
    let mean = mean_estimate(values, Level::P95).unwrap();
    let sd = ours.sd.unwrap();
    case.check_those_there(
        at,
        &[
            ("n_records", values.len() as f64),
            ("n_missing", ours.missing as f64),
            ("min", ours.min),
            ("max", ours.max),
            ("median", ours.median),
            ("var", sd * sd),
            ("se", mean.se),
        ],
    );
    case.check_list(&key("ci95_mean"), &[mean.lower, mean.upper]);
    // Equal values have no shape.
    let shape = shape(values).ok();
    case.check_optional(&key("skew_g1"), shape.map(|s| s.skewness));
    case.check_optional(&key("skew_sas"), shape.and_then(|s| s.skewness_unbiased));
    case.check_optional(&key("kurt_excess_sas"), shape.and_then(|s| s.excess_kurtosis));
    check_stream(case, at, values);
    check_geometric(case, at, values);
}

/// The probabilities of the pack are inputs; that they are read is all there is to certify.
fn check_quantiles(case: &Case, at: &str, values: &[f64]) {
    let count = case.length(&format!("{at}/probs"));
    let place = |k: usize| format!("{at}/probs/{k}");
    let probabilities: Vec<f64> = (0..count).map(|k| case.number(&place(k))).collect();
    case.check_list(&format!("{at}/probs"), &probabilities);
    for (rule, key) in [
        (QuantileRule::Linear, "q_type7"),
        (QuantileRule::Averaged, "q_type2_sas_default"),
        (QuantileRule::Expected, "q_type6"),
    ] {
        let mut buffer: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let ours = quantiles(&mut buffer, &probabilities, rule).unwrap();
        case.check_list(&format!("{at}/{key}"), &ours);
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
    case.check(&format!("{at}/harmonic_mean"), harmonic_mean(values).unwrap());
    let ours = geometric(values, Level::P95).unwrap();
    case.check(&format!("{at}/geo_mean"), ours.mean);
    case.check(&format!("{at}/geo_sd"), ours.sd);
    case.check(&format!("{at}/geo_cv_pct"), 100.0 * ours.cv);
    case.check(&format!("{at}/geo_ci95/0"), ours.lower);
    case.check(&format!("{at}/geo_ci95/1"), ours.upper);
}

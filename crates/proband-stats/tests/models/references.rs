//! Numbers by mpmath 1.3 at 40 digits: likelihoods written out anew, maximised by Newton's method with
//! numerical derivatives.

use proband_stats::Level;
use proband_stats::counts::zero_inflated_poisson;
use proband_stats::regression::{firth_logistic, firth_profile_interval};

const CLOSE: f64 = 1e-9;

fn near(ours: f64, reference: f64, tolerance: f64) {
    assert!((ours / reference - 1.0).abs() < tolerance, "{ours} for {reference}");
}

/// Seizures in two weeks (R. package MASS, `epil`): treatment and ln(baseline/4) in the rate, treatment in
/// the zeros.
#[test]
fn zero_inflated_seizures() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/certification/data/epil.csv"
    ))
    .unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let counts: Vec<u64> = rows.iter().map(|r| r[0].parse().unwrap()).collect();
    let active: Vec<f64> =
        rows.iter().map(|r| f64::from(u8::from(r[1].contains("progabide")))).collect();
    let base: Vec<f64> =
        rows.iter().map(|r| libm::log(r[2].parse::<f64>().unwrap() / 4.0)).collect();
    let exposure = vec![2.0; counts.len()];
    let fit = zero_inflated_poisson(&[&active, &base], &[&active], &counts, &exposure).unwrap();
    for (k, (value, se)) in [
        (-0.844_580_192_116_962_8, 0.083_875_721_214_4),
        (-0.105_791_453_938_641_8, 0.045_873_849_510_1),
        (1.128_971_586_509_054, 0.031_757_299_435_4),
    ]
    .into_iter()
    .enumerate()
    {
        let ours = fit.counts.effect(k, Level::P95).unwrap().estimate;
        near(ours.value, value, CLOSE);
        near(ours.se, se, CLOSE);
    }
    for (k, (value, se)) in [
        (-2.929_749_111_152_216, 0.476_076_995_352),
        (0.564_262_231_618_719_8, 0.603_719_675_734),
    ]
    .into_iter()
    .enumerate()
    {
        let ours = fit.zeros.effect(k, Level::P95).unwrap().estimate;
        near(ours.value, value, CLOSE);
        near(ours.se, se, CLOSE);
    }
    near(fit.log_likelihood, -837.348_252_202_529, 1e-12);
}

/// Ten rows that their column separates.
#[test]
fn firths_correction_under_complete_separation() {
    let x: Vec<f64> = (1..=10).map(f64::from).collect();
    let events: Vec<bool> = x.iter().map(|&x| x > 5.5).collect();
    let fit = firth_logistic(&[&x], &events).unwrap();
    for (k, (value, se)) in [
        (-5.338_572_631_293_459, 3.322_712_278_074_2),
        (0.970_649_569_326_083_5, 0.576_540_835_138_84),
    ]
    .into_iter()
    .enumerate()
    {
        let ours = fit.coefficients.effect(k, Level::P95).unwrap().estimate;
        near(ours.value, value, 1e-6);
        near(ours.se, se, 1e-6);
    }
    near(fit.penalised_log_likelihood, -1.080_698_063_207_392, 1e-12);
    let ends = firth_profile_interval(&[&x], &events, 1, Level::P95).unwrap();
    near(ends.lower, 0.196_157_993_048, 1e-6);
    near(ends.upper, 5.564_239_020_88, 1e-6);
}

/// Peak expiratory flow (L/min) after formoterol and salbutamol (S. Senn, *Cross-over Trials in Clinical Research*, 2nd
/// edition, table 3.1; Graff-Lonnevig & Browaldh 1990): R's lmerTest 3.1.3, `lmer(y ~ treatment + period + sequence +
/// (1 | id))` with Kenward and Roger's degrees of freedom.
#[test]
fn formoterol_against_salbutamol() {
    use proband_stats::mixed::{CrossoverPeriods, crossover};
    let formoterol_first = CrossoverPeriods {
        first: &[310.0, 310.0, 370.0, 410.0, 250.0, 380.0, 330.0],
        second: &[270.0, 260.0, 300.0, 390.0, 210.0, 350.0, 365.0],
    };
    let salbutamol_first = CrossoverPeriods {
        first: &[370.0, 310.0, 380.0, 290.0, 260.0, 90.0],
        second: &[385.0, 400.0, 410.0, 320.0, 340.0, 220.0],
    };
    let fit = crossover(formoterol_first, salbutamol_first, Level::P95).unwrap();
    // lme4 stops at about this distance from the maximum.
    let near = |found: f64, expected: f64| {
        assert!((found / expected - 1.0).abs() < 1e-7, "{found} is not {expected}");
    };
    near(fit.treatment.estimate.value, 46.607_142_857_142_88);
    near(fit.treatment.estimate.se, 10.776_559_527_973_1);
    near(fit.treatment.p, 1.204_847_445_216_46e-3);
    near(fit.period.p, 0.168_314_074_332_84);
    near(fit.carry_over.p, 0.861_075_638_480_487);
}

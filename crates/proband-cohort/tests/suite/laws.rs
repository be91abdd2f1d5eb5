//! Moments of drawn covariates against closed forms.
//!
//! A mean of n values has the standard error sd / sqrt(n); a standard deviation has about
//! sd sqrt((k - 1) / (4 n)) with k the kurtosis, which is 3 for the normal and below 30 for all laws here.
//! Draws are fixed by the seed, so four standard errors are a bound that is checked once.

use crate::fixture::{
    MANY, assert_within, choice, drawn, mean, normal, number, population, sd, twins,
};
use proband_cohort::{Law, Marginal};
use proband_math::distribution::Distribution;
use proband_math::{exp, ln_1p, normal_cdf, normal_pdf};

const ERRORS: f64 = 4.0;

/// Draws a law and compares its mean and standard deviation.
#[track_caller]
fn check(law: Distribution, expected_mean: f64, expected_sd: f64, kurtosis: f64) {
    let columns = twins(&population(vec![drawn("x", law)], &[]), MANY);
    let (values, n) = (columns.covariate(0), MANY as f64);
    assert_within(mean(values), expected_mean, expected_sd / n.sqrt(), ERRORS);
    let error = expected_sd * ((kurtosis - 1.0) / (4.0 * n)).sqrt();
    assert_within(sd(values), expected_sd, error, ERRORS);
}

#[test]
fn laws_have_the_moments_they_were_told() {
    check(normal(55.0, 11.0), 55.0, 11.0, 3.0);
    check(Distribution::normal_mean_cv(-8.0, 0.25).unwrap(), -8.0, 2.0, 3.0);
    // Kurtosis of a log-normal of log sd s: e^4s2 + 2 e^3s2 + 3 e^2s2 - 3, with s2 = ln(1 + cv^2).
    let kurtosis = |cv: f64| {
        let s2 = ln_1p(cv * cv);
        exp(4.0 * s2) + 2.0 * exp(3.0 * s2) + 3.0 * exp(2.0 * s2) - 3.0
    };
    check(
        Distribution::log_normal_mean_sd(28.4, 5.5).unwrap(),
        28.4,
        5.5,
        kurtosis(5.5 / 28.4),
    );
    check(Distribution::log_normal_mean_cv(85.0, 0.2).unwrap(), 85.0, 17.0, kurtosis(0.2));
    // The mean of a log-normal is its median times sqrt(1 + cv^2).
    let mean = 2.0 * 1.25_f64.sqrt();
    check(
        Distribution::log_normal_median_cv(2.0, 0.5).unwrap(),
        mean,
        0.5 * mean,
        kurtosis(0.5),
    );
    check(Distribution::uniform(2.0, 8.0).unwrap(), 5.0, 3.0_f64.sqrt(), 1.8);
    check(Distribution::beta(2.0, 3.0).unwrap(), 0.4, 0.2, 2.36);
    check(Distribution::gamma(4.0, 0.5).unwrap(), 2.0, 1.0, 4.5);
    check(Distribution::exponential(7.0).unwrap(), 7.0, 7.0, 9.0);
    // Shape 2: mean scale sqrt(pi) / 2, variance scale^2 (1 - pi / 4).
    let pi = std::f64::consts::PI;
    let (mean, sd) = (3.0 * pi.sqrt() / 2.0, 3.0 * (1.0 - pi / 4.0).sqrt());
    check(Distribution::weibull(2.0, 3.0).unwrap(), mean, sd, 3.25);
    check(Distribution::triangular(0.0, 1.0, 5.0).unwrap(), 2.0, (21.0_f64 / 18.0).sqrt(), 2.4);
}

#[test]
fn a_truncated_normal_has_the_moments_of_the_closed_form() {
    // Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, section 13.10: with
    // a, b the standardised bounds, Z = F(b) - F(a), d = (f(a) - f(b)) / Z,
    // mean = m + s d, variance = s^2 (1 + (a f(a) - b f(b)) / Z - d^2).
    for (m, s, low, high) in
        [(55.0, 11.0, 18.0, 85.0), (88.0, 18.0, 100.0, 150.0), (0.0, 1.0, 3.0, 9.0)]
    {
        let (a, b) = ((low - m) / s, (high - m) / s);
        let z = normal_cdf(-a) - normal_cdf(-b);
        let d = (normal_pdf(a) - normal_pdf(b)) / z;
        let variance = 1.0 + (a * normal_pdf(a) - b * normal_pdf(b)) / z - d * d;
        check(normal(m, s).within(low, high).unwrap(), m + s * d, s * variance.sqrt(), 9.0);
    }
}

#[test]
fn no_value_leaves_its_window() {
    let window =
        Distribution::log_normal_median_cv(2.0, 0.8).unwrap().within(0.0, 3.0).unwrap();
    let columns = twins(&population(vec![drawn("x", window)], &[]), MANY);
    assert!(columns.covariate(0).iter().all(|x| (0.0..=3.0).contains(x)));
}

#[test]
fn levels_have_their_shares() {
    let race = [("Asian", 0.64), ("White", 0.34), ("Black", 0.02), ("none", 0.0)];
    let columns = twins(&population(vec![choice("race", &race)], &[]), MANY);
    for (level, (_, share)) in race.iter().enumerate() {
        let count = columns.covariate(0).iter().filter(|&&x| x == level as f64).count();
        let error = (share * (1.0 - share) / MANY as f64).sqrt().max(f64::MIN_POSITIVE);
        assert_within(count as f64 / MANY as f64, *share, error, ERRORS);
    }
}

#[test]
fn mixtures_and_seen_values_have_the_moments_of_their_parts() {
    let parts = [(0.3, normal(-2.0, 0.5)), (0.7, normal(3.0, 1.5))];
    // 0.3 (-2) + 0.7 3; within parts 0.3 0.25 + 0.7 2.25, between them 0.21 25.
    check(Distribution::mixture(parts).unwrap(), 1.5, 6.9_f64.sqrt(), 3.0);
    let seen = Distribution::empirical(&[(1.0, 2.0), (4.0, 1.0), (7.0, 1.0)]).unwrap();
    check(seen, 3.25, 6.1875_f64.sqrt(), 3.0);
}

#[test]
fn each_stratum_has_its_own_law() {
    let laws = [normal(163.0, 7.0), normal(177.0, 7.0).within(150.0, 180.0).unwrap()];
    let laws = laws.into_iter().map(Marginal::Distribution).collect();
    let height = number("height", Law::Drawn(Marginal::ByStratum { covariate: 1, laws }));
    let sex = choice("sex", &[("F", 0.675), ("M", 0.325)]);
    let columns = twins(&population(vec![height, sex], &[]), MANY);
    let stratum = |level: f64| -> Vec<f64> {
        let both = columns.covariate(0).iter().zip(columns.covariate(1));
        both.filter(|both| *both.1 == level).map(|both| *both.0).collect()
    };
    let (women, men) = (stratum(0.0), stratum(1.0));
    assert_within(mean(&women), 163.0, 7.0 / (women.len() as f64).sqrt(), ERRORS);
    assert_within(sd(&women), 7.0, 7.0 / (2.0 * women.len() as f64).sqrt(), ERRORS);
    assert!(men.iter().all(|height| (150.0..=180.0).contains(height)));
    let (a, b) = (-27.0 / 7.0, 3.0 / 7.0);
    let d = (normal_pdf(a) - normal_pdf(b)) / (normal_cdf(b) - normal_cdf(a));
    assert_within(mean(&men), 177.0 + 7.0 * d, 7.0 / (men.len() as f64).sqrt(), ERRORS);
}

#[test]
fn strata_of_strata_are_followed() {
    let point = |x: f64| Marginal::Distribution(Distribution::empirical(&[(x, 1.0)]).unwrap());
    let by = |covariate, laws| Marginal::ByStratum { covariate, laws };
    let law = by(0, vec![by(1, vec![point(1.0), point(2.0)]), point(3.0)]);
    let half = [("a", 0.5), ("b", 0.5)];
    let covariates = vec![choice("x", &half), choice("y", &half), number("z", Law::Drawn(law))];
    let columns = twins(&population(covariates, &[]), 1000);
    for twin in 0..1000 {
        let [x, y, z] = [0, 1, 2].map(|covariate| columns.covariate(covariate)[twin]);
        assert_eq!(z, if x == 1.0 { 3.0 } else { 1.0 + y });
    }
}

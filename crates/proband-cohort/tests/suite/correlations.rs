//! Correlated covariates against closed forms, and matrices that contradict themselves.

use crate::fixture::{
    MANY, assert_within, choice, correlation, drawn, normal, number, pearson, population, twins,
};
use proband_cohort::{
    Correlation, Fault, Given, Law, Marginal, Place, Population, PopulationError, Specification,
};
use proband_math::distribution::Distribution;
use proband_math::{exp, exp_m1, ln_1p, normal_quantile};

/// A correlation estimated from n pairs has the standard error (1 - r^2) / sqrt(n) where the pairs
/// are normal; heavier tails need more, which the factor before it says.
const ERRORS: f64 = 4.0;

fn standard_error(r: f64) -> f64 {
    (1.0 - r * r) / (MANY as f64).sqrt()
}

#[test]
fn normal_covariates_have_the_correlations_they_were_told() {
    let names = ["age", "egfr", "bmi", "height"];
    let covariates = || names.iter().map(|name| drawn(name, normal(50.0, 10.0))).collect();
    let told = [(0, 1, -0.45), (2, 1, 0.3), (0, 3, -0.2), (3, 2, 0.6)];
    let correlations = told.map(|(a, b, r)| correlation(a, b, r));
    let columns = twins(&population(covariates(), &correlations), MANY);
    for a in 0..4 {
        for b in 0..a {
            let pair = |t: &&(usize, usize, f64)| (t.0, t.1) == (a, b) || (t.0, t.1) == (b, a);
            let r = told.iter().find(pair).map_or(0.0, |t| t.2);
            let found = pearson(columns.covariate(a), columns.covariate(b));
            assert_within(found, r, standard_error(r), ERRORS);
        }
    }
}

#[test]
fn log_normal_covariates_are_correlated_by_the_closed_form() {
    // cov(e^X, e^Y) = E e^X E e^Y (e^(r s t) - 1), so the correlation of the values is
    // (e^(r s t) - 1) / sqrt((e^(s^2) - 1) (e^(t^2) - 1)); with cv the factors below are cv^2.
    let (cv, cw, r): (f64, f64, f64) = (0.2, 0.3, 0.5);
    let covariates = vec![
        drawn("x", Distribution::log_normal_mean_cv(28.0, cv).unwrap()),
        drawn("y", Distribution::log_normal_mean_cv(8.5, cw).unwrap()),
    ];
    let columns = twins(&population(covariates, &[correlation(0, 1, r)]), MANY);
    let (s, t) = (ln_1p(cv * cv).sqrt(), ln_1p(cw * cw).sqrt());
    let expected = exp_m1(r * s * t) / (cv * cw);
    let found = pearson(columns.covariate(0), columns.covariate(1));
    assert_within(found, expected, 1.5 * standard_error(expected), ERRORS);
}

#[test]
fn uniform_covariates_are_correlated_by_the_closed_form() {
    // Pearson (1907): ranks of a bivariate normal pair have the correlation (6 / pi) asin(r / 2),
    // here asin 0.4 = 0.41151684606748806.
    let unit = || Distribution::uniform(0.0, 1.0).unwrap();
    let covariates = vec![drawn("x", unit()), drawn("y", unit())];
    let columns = twins(&population(covariates, &[correlation(1, 0, 0.8)]), MANY);
    let expected = 6.0 / std::f64::consts::PI * 0.411_516_846_067_488_06;
    let found = pearson(columns.covariate(0), columns.covariate(1));
    assert_within(found, expected, standard_error(expected), ERRORS);
}

#[test]
fn correlated_values_keep_their_laws() {
    let window = || normal(88.0, 18.0).within(60.0, 100.0).unwrap();
    let gamma = || Distribution::gamma(2.0, 3.0).unwrap();
    let covariates =
        vec![drawn("a", normal(0.0, 1.0)), drawn("b", window()), drawn("c", gamma())];
    let correlations = [correlation(0, 1, 0.7), correlation(1, 2, -0.5)];
    let columns = twins(&population(covariates, &correlations), MANY);
    // Kolmogorov's statistic exceeds 1.95 / sqrt(n) with probability 1e-3.
    for (covariate, law) in [(1, window()), (2, gamma())] {
        let mut values = columns.covariate(covariate).to_vec();
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let off =
            values.iter().enumerate().map(|(k, &x)| (law.cdf(x) - (k as f64 + 0.5) / n).abs());
        let largest = off.fold(0.0, f64::max);
        assert!(largest < 1.95 / n.sqrt(), "{covariate}: {largest}");
    }
}

#[test]
fn within_strata_the_scores_are_correlated() {
    let laws = vec![
        Marginal::Distribution(normal(163.0, 7.0)),
        Marginal::Distribution(normal(177.0, 9.0)),
    ];
    let covariates = vec![
        choice("sex", &[("F", 0.5), ("M", 0.5)]),
        number("height", Law::Drawn(Marginal::ByStratum { covariate: 0, laws })),
        drawn("weight", normal(80.0, 12.0)),
    ];
    let columns = twins(&population(covariates, &[correlation(1, 2, 0.6)]), MANY);
    for sex in [0.0, 1.0] {
        let pick = |covariate: usize| -> Vec<f64> {
            let both = columns.covariate(covariate).iter().zip(columns.covariate(0));
            both.filter(|both| *both.1 == sex).map(|both| *both.0).collect()
        };
        let (height, weight) = (pick(1), pick(2));
        let error = (1.0 - 0.36) / (height.len() as f64).sqrt();
        assert_within(pearson(&height, &weight), 0.6, error, ERRORS);
    }
}

#[test]
fn a_level_takes_part_with_its_latent_score() {
    // The biserial identity: with the cut at the quantile of the share p of the lower level, the
    // mean of the other score in the upper level is r f(cut) / (1 - p).
    let covariates =
        vec![choice("severe", &[("no", 0.8), ("yes", 0.2)]), drawn("marker", normal(0.0, 1.0))];
    let columns = twins(&population(covariates, &[correlation(0, 1, 0.5)]), MANY);
    let both = columns.covariate(0).iter().zip(columns.covariate(1));
    let severe: Vec<f64> = both.filter(|both| *both.0 == 1.0).map(|both| *both.1).collect();
    let cut = normal_quantile(0.8);
    let density = exp(-0.5 * cut * cut) / (2.0 * std::f64::consts::PI).sqrt();
    let found = severe.iter().sum::<f64>() / severe.len() as f64;
    assert_within(found, 0.5 * density / 0.2, 1.0 / (severe.len() as f64).sqrt(), ERRORS);
}

fn contradictions(count: usize, correlations: &[Correlation]) -> Vec<PopulationError> {
    let covariates = (0..count).map(|i| drawn(&format!("x{i}"), normal(0.0, 1.0))).collect();
    let correlations = correlations.to_vec();
    let specification = Specification { covariates, correlations, ..Specification::default() };
    Population::new(specification).unwrap_err()
}

fn contradiction(count: usize, correlations: &[Correlation]) -> PopulationError {
    let mut faults = contradictions(count, correlations);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

/// Three covariates from this one on that contradict each other.
fn triple(a: usize) -> [Correlation; 3] {
    [correlation(a, a + 1, 0.9), correlation(a, a + 2, 0.9), correlation(a + 1, a + 2, -0.9)]
}

#[test]
fn a_contradiction_is_told_with_what_would_mend_it() {
    let told = [correlation(0, 1, -0.9), correlation(0, 2, 0.8), correlation(1, 2, 0.5)];
    let error = contradiction(3, &told);
    assert_eq!(error.place, Place::Correlation(2));
    assert_eq!(error.fault.to_string(), "the correlations are not positive definite");
    let help = "with the others as given, that of `x1` and `x2` lies between -0.98 and -0.46";
    assert_eq!(error.fault.help().unwrap(), help);
    // -0.72 -+ sqrt((1 - 0.81) (1 - 0.64)).
    let Fault::NotPositiveDefinite { low, high, given: Given::Others, .. } = error.fault else {
        panic!("{error:?}");
    };
    let reach = (0.19_f64 * 0.36).sqrt();
    assert!((low + 0.72 + reach).abs() < 1e-15 && (high + 0.72 - reach).abs() < 1e-15);
}

#[test]
fn what_would_mend_it_does() {
    // Any value inside the range is accepted, any outside refused, for a pair among five.
    let others =
        [(0, 1, 0.5), (1, 2, -0.4), (2, 3, 0.3), (3, 4, 0.6), (0, 4, 0.2), (1, 4, -0.5)];
    let told = |r: f64| {
        let mut told: Vec<_> = others.iter().map(|&(a, b, r)| correlation(a, b, r)).collect();
        told.push(correlation(0, 3, r));
        told
    };
    let Fault::NotPositiveDefinite { low, high, .. } = contradiction(5, &told(0.999)).fault
    else {
        panic!("another fault");
    };
    let covariates = || (0..5).map(|i| drawn(&format!("x{i}"), normal(0.0, 1.0))).collect();
    for inside in [low + 1e-9, 0.5 * (low + high), high - 1e-9] {
        population(covariates(), &told(inside));
    }
    for outside in [low - 1e-9, high + 1e-9] {
        contradiction(5, &told(outside));
    }
}

#[test]
fn every_group_that_contradicts_itself_is_told() {
    let sound = [correlation(6, 7, 0.5)];
    let faults = contradictions(8, &[&triple(0)[..], &sound, &triple(3)].concat());
    let places: Vec<Place> = faults.iter().map(|error| error.place).collect();
    assert_eq!(places, [Place::Correlation(2), Place::Correlation(6)]);
    let help = faults[1].fault.help().unwrap();
    // 0.81 -+ 0.19.
    let expected = "with the others as given, that of `x4` and `x5` lies between 0.63 and 1";
    assert_eq!(help, expected);
}

#[test]
fn what_no_one_correlation_can_mend_is_told_at_the_first() {
    let mut told = [triple(0), triple(3)].concat();
    told.push(correlation(2, 3, 0.1));
    let error = contradiction(6, &told);
    // 0.9 and 0.9 need more than 0 between the others: the second already contradicts the first.
    assert_eq!(error.place, Place::Correlation(1));
    let help = error.fault.help().unwrap();
    assert!(help.starts_with("with those before it as given"), "{help}");
}

#[test]
fn a_narrow_range_is_told_with_enough_digits() {
    let told = [correlation(0, 1, 0.999), correlation(0, 2, 0.9991), correlation(1, 2, 0.5)];
    let help = contradiction(3, &told).fault.help().unwrap();
    // 0.999 0.9991 -+ sqrt(0.001999 0.00179919) = 0.99620443 and 0.99999738.
    assert!(help.ends_with("lies between 0.997 and 0.999"), "{help}");
}

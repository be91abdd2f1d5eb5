//! Populations in few words, and statistics of columns.

use proband_cohort::{
    Cohort, Columns, Correlation, Covariate, Law, Marginal, Population, Specification,
};
use proband_lang::Unit;
use proband_math::distribution::Distribution;
use proband_math::stream::Seed;

/// Twins enough that four standard errors of a mean are a hundredth of the standard deviation.
pub(crate) const MANY: u64 = 160_000;

pub(crate) const SEED: Seed = Seed(20_260_101);

/// A number without unit.
pub(crate) fn number(name: &str, law: Law) -> Covariate {
    Covariate { name: name.to_owned(), unit: Unit::one(), levels: None, law }
}

/// A drawn number.
pub(crate) fn drawn(name: &str, law: Distribution) -> Covariate {
    number(name, Law::Drawn(Marginal::Distribution(law)))
}

/// A drawn level.
pub(crate) fn choice(name: &str, shares: &[(&str, f64)]) -> Covariate {
    let levels: Vec<String> = shares.iter().map(|share| share.0.to_owned()).collect();
    let shares: Vec<f64> = shares.iter().map(|share| share.1).collect();
    let law = Distribution::categorical(&shares).unwrap();
    Covariate { levels: Some(levels.into()), ..drawn(name, law) }
}

pub(crate) fn normal(mean: f64, sd: f64) -> Distribution {
    Distribution::normal(mean, sd).unwrap()
}

pub(crate) fn correlation(first: usize, second: usize, coefficient: f64) -> Correlation {
    Correlation { first, second, coefficient }
}

/// A population of these covariates.
pub(crate) fn population(
    covariates: Vec<Covariate>,
    correlations: &[Correlation],
) -> Population {
    let correlations = correlations.to_vec();
    Population::new(Specification { covariates, correlations, ..Specification::default() })
        .unwrap()
}

/// Twins of a population, from the first on.
pub(crate) fn twins(population: &Population, count: u64) -> Columns {
    let mut columns = Columns::new();
    Cohort::new(population, SEED, 0).draw(0..count, &mut columns).unwrap();
    columns
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub(crate) fn sd(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

pub(crate) fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products: f64 = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    products / (a.len() - 1) as f64 / sd(a) / sd(b)
}

/// Whether `found` is `expected`, give or take `errors` standard errors.
#[track_caller]
pub(crate) fn assert_within(found: f64, expected: f64, standard_error: f64, errors: f64) {
    let off = (found - expected).abs() / standard_error;
    assert!(off < errors, "{found} is {off:.2} standard errors from {expected}");
}

/// The bits of all columns.
pub(crate) fn bits(columns: &Columns) -> Vec<Vec<u64>> {
    let of = |column: &Vec<f64>| column.iter().map(|value| value.to_bits()).collect();
    columns.covariates().iter().map(of).collect()
}

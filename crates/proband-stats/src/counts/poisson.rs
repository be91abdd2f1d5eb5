//! Poisson regression with exposure.

use super::check_counts;
use crate::checks::sum;
use crate::error::Result;
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::regression::{
    Family, Maximum, Regressor, Scored, Standardised, fit, sandwich, scores,
};
use crate::special::{exp, ln, ln_factorial};

/// A fitted Poisson regression.
#[derive(Debug, Clone, PartialEq)]
pub struct PoissonFit {
    /// Log rates with their covariance; number 0 is the intercept.
    pub coefficients: Coefficients,
    /// The same log rates with their sandwich covariance (HC0), which holds for overdispersed counts.
    pub robust: Coefficients,
    /// The log-likelihood at the maximum.
    pub log_likelihood: f64,
    /// Twice the log-likelihood lost against fitting every count exactly.
    pub deviance: f64,
    /// Pearson's sum of (y - mu)^2 / mu; divided by `residual_df` it estimates the overdispersion.
    pub pearson: f64,
    /// The number of rows.
    pub n: usize,
    /// Rows less coefficients.
    pub residual_df: usize,
}

impl PoissonFit {
    /// The estimate of overdispersion, Pearson's sum over the residual degrees of freedom.
    pub fn dispersion(&self) -> f64 {
        self.pearson / self.residual_df as f64
    }

    /// The rate ratio of one unit of coefficient `index`, with Wald inference.
    pub fn rate_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }
}

/// Maximum likelihood of ln(mu / exposure) = b0 + b1 x1 + ... for Poisson counts.
///
/// Columns, counts and exposures are equally long. Fails without events, on counts above ten million, on exposure that is not
/// positive, on a redundant column, and with [`crate::StatsError::Separated`] where a group has no
/// events at all.
pub fn poisson_regression(
    columns: &[&[f64]],
    counts: &[u64],
    exposure: &[f64],
) -> Result<PoissonFit> {
    poisson_regression_with(&Regressor::numbers(columns), counts, exposure)
}

/// [`poisson_regression`] with columns that may be indicators of codes.
pub fn poisson_regression_with(
    columns: &[Regressor<'_>],
    counts: &[u64],
    exposure: &[f64],
) -> Result<PoissonFit> {
    check_counts(columns.len(), counts, exposure)?;
    let design = Standardised::of(columns, counts.len())?;
    let family = Poisson { counts, exposure };
    let maximum = maximum(&design, &family)?;
    let fitted = fitted(&design, &maximum.at, exposure);
    let own = scores(&design, counts.len(), &family, &maximum.at);
    let values = design.with_intercept(&maximum.at);
    let robust = sandwich(&design, &own, &maximum.covariance);
    let constant = sum(counts.iter().zip(exposure).map(|(&y, t)| {
        let y = y as f64;
        y * ln(*t) - ln_factorial(y)
    }));
    Ok(PoissonFit {
        coefficients: Coefficients::new(
            values.clone(),
            design.covariance_with_intercept(&maximum.covariance),
            Reference::Normal,
        ),
        robust: Coefficients::new(values, robust, Reference::Normal),
        log_likelihood: maximum.value + constant,
        deviance: deviance(counts, &fitted),
        pearson: sum(counts.iter().zip(&fitted).map(|(&y, mu)| {
            let gap = y as f64 - mu;
            gap * gap / mu
        })),
        n: counts.len(),
        residual_df: counts.len() - columns.len() - 1,
    })
}

pub(super) struct Poisson<'a> {
    pub(super) counts: &'a [u64],
    pub(super) exposure: &'a [f64],
}

impl Family for Poisson<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let y = self.counts[row] as f64;
        let mu = self.exposure[row] * exp(eta);
        Scored { score: y - mu, weight: mu, log_likelihood: y * eta - mu }
    }
}

/// The Poisson maximum, started at the common rate.
pub(super) fn maximum(design: &Standardised, family: &Poisson<'_>) -> Result<Maximum> {
    let events = sum(family.counts.iter().map(|&y| y as f64));
    let exposure = sum(family.exposure.iter().copied());
    let mut start = vec![0.0; design.columns + 1];
    start[0] = ln(events / exposure);
    fit(design, family.counts.len(), family, start)
}

/// Means at the standardised coefficients.
pub(super) fn fitted(design: &Standardised, beta: &[f64], exposure: &[f64]) -> Vec<f64> {
    let mean = |index: usize| {
        let row = design.row(index);
        let eta = beta[0] + row.iter().zip(&beta[1..]).map(|(x, b)| x * b).sum::<f64>();
        exposure[index] * exp(eta)
    };
    (0..exposure.len()).map(mean).collect()
}

/// 2 sum( y ln(y/mu) - (y - mu) ).
fn deviance(counts: &[u64], fitted: &[f64]) -> f64 {
    2.0 * sum(counts.iter().zip(fitted).map(|(&count, mu)| {
        let y = count as f64;
        let log = if count == 0 { 0.0 } else { y * ln(y / mu) };
        log - (y - mu)
    }))
}

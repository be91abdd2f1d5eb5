//! Logistic regression.

use super::{Family, Regressor, Scored, Standardised, fit, sandwich, scores};
use crate::checks::{at_least, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::special::{exp, ln, softplus};

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFit {
    /// Log odds with their covariance (inverse expected information); number 0 is the intercept.
    pub coefficients: Coefficients,
    /// The same log odds with their sandwich covariance (HC0), which holds where the model is not true.
    pub robust: Coefficients,
    /// The log-likelihood at the maximum.
    pub log_likelihood: f64,
    /// The log-likelihood of the model with an intercept only.
    pub null_log_likelihood: f64,
    /// The number of rows.
    pub n: usize,
    /// The number of events.
    pub events: usize,
}

impl LogisticFit {
    /// The odds ratio of one unit of coefficient `index`, with Wald inference.
    pub fn odds_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }

    /// -2 log-likelihood.
    pub fn deviance(&self) -> f64 {
        -2.0 * self.log_likelihood
    }

    /// Akaike's criterion, the deviance plus twice the number of coefficients.
    pub fn aic(&self) -> f64 {
        self.deviance() + 2.0 * self.coefficients.count() as f64
    }

    /// The probability of the event for one row of column values.
    pub fn probability(&self, row: &[f64]) -> Result<f64> {
        let b = self.coefficients.values();
        same_length(b.len() - 1, row.len())?;
        let eta = b[0] + b[1..].iter().zip(row).map(|(b, x)| b * x).sum::<f64>();
        Ok(split(eta).0)
    }
}

/// Maximum likelihood of ln(p/(1-p)) = b0 + b1 x1 + ... for flags and columns equally long.
///
/// Fails without events or without non-events, on a redundant column, and with
/// [`StatsError::Separated`] where a column tells events from non-events perfectly.
pub fn logistic(columns: &[&[f64]], events: &[bool]) -> Result<LogisticFit> {
    logistic_with(&Regressor::numbers(columns), events)
}

/// [`logistic`] with columns that may be indicators of codes.
pub fn logistic_with(columns: &[Regressor<'_>], events: &[bool]) -> Result<LogisticFit> {
    let n = events.len();
    let count = both_outcomes(columns.len(), events)?;
    let design = Standardised::of(columns, n)?;
    let (with, without) = (count as f64, (n - count) as f64);
    let mut start = vec![0.0; columns.len() + 1];
    start[0] = ln(with / without);
    let family = Bernoulli { events };
    let maximum = fit(&design, n, &family, start)?;
    let total = n as f64;
    let own = scores(&design, n, &family, &maximum.at);
    let values = design.with_intercept(&maximum.at);
    let robust = sandwich(&design, &own, &maximum.covariance);
    Ok(LogisticFit {
        coefficients: Coefficients::new(
            values.clone(),
            design.covariance_with_intercept(&maximum.covariance),
            Reference::Normal,
        ),
        robust: Coefficients::new(values, robust, Reference::Normal),
        log_likelihood: maximum.value,
        null_log_likelihood: with * ln(with / total) + without * ln(without / total),
        n,
        events: count,
    })
}

/// The number of events, where some rows have one and some have none.
pub(super) fn both_outcomes(columns: usize, events: &[bool]) -> Result<usize> {
    at_least(columns + 2, events.len())?;
    match events.iter().filter(|&&e| e).count() {
        0 => Err(StatsError::NoEvents),
        count if count == events.len() => Err(StatsError::OnlyEvents),
        count => Ok(count),
    }
}

/// The probabilities of the event and of its absence, neither as one less the other.
pub(super) fn split(eta: f64) -> (f64, f64) {
    // exp of a negative number only, so that nothing overflows.
    let small = exp(-eta.abs());
    let (minor, major) = (small / (1.0 + small), 1.0 / (1.0 + small));
    if eta >= 0.0 { (major, minor) } else { (minor, major) }
}

pub(super) struct Bernoulli<'a> {
    pub(super) events: &'a [bool],
}

impl Family for Bernoulli<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let (p, q) = split(eta);
        let softplus = softplus(eta);
        let event = self.events[row];
        Scored {
            score: if event { q } else { -p },
            weight: p * q,
            log_likelihood: if event { eta - softplus } else { -softplus },
        }
    }
}

//! Logistic regression.

use super::{Family, Regressor, Scored, Standardised, fit};
use crate::checks::at_least;
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::special::{exp, ln, ln_1p};

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFit {
    /// Log odds with their covariance (inverse expected information); number 0 is the intercept.
    pub coefficients: Coefficients,
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
    at_least(columns.len() + 2, n)?;
    let count = events.iter().filter(|&&e| e).count();
    if count == 0 {
        return Err(StatsError::NoEvents);
    }
    if count == n {
        return Err(StatsError::OnlyEvents);
    }
    let design = Standardised::of(columns, n)?;
    let (with, without) = (count as f64, (n - count) as f64);
    let mut start = vec![0.0; columns.len() + 1];
    start[0] = ln(with / without);
    let maximum = fit(&design, n, &Bernoulli { events }, start)?;
    let total = n as f64;
    Ok(LogisticFit {
        coefficients: Coefficients::new(
            design.with_intercept(&maximum.at),
            design.covariance_with_intercept(&maximum.covariance),
            Reference::Normal,
        ),
        log_likelihood: maximum.value,
        null_log_likelihood: with * ln(with / total) + without * ln(without / total),
        n,
        events: count,
    })
}

struct Bernoulli<'a> {
    events: &'a [bool],
}

impl Family for Bernoulli<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        // exp of a negative number only, so that nothing overflows.
        let small = exp(-eta.abs());
        let minor = small / (1.0 + small);
        let major = 1.0 / (1.0 + small);
        let (p, q) = if eta >= 0.0 { (major, minor) } else { (minor, major) };
        let softplus = eta.max(0.0) + ln_1p(small);
        let event = self.events[row];
        Scored {
            score: if event { q } else { -p },
            weight: p * q,
            log_likelihood: if event { eta - softplus } else { -softplus },
        }
    }
}

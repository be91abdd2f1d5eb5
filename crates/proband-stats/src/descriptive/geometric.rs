//! Geometric mean and coefficient of variation.

use crate::checks::{all_positive, at_least, mean};
use crate::error::{Result, StatsError};
use crate::estimate::{Estimate, Level, Reference};
use crate::special::{exp, expm1, ln};

/// Summary of positive values on the logarithmic scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometric {
    /// exp of the mean logarithm.
    pub mean: f64,
    /// exp of the standard deviation of the logarithms.
    pub sd: f64,
    /// sqrt(exp(s^2) - 1), as a fraction.
    pub cv: f64,
    /// The lower confidence limit of the geometric mean.
    pub lower: f64,
    /// The upper confidence limit of the geometric mean.
    pub upper: f64,
    /// Mean of the logarithms with its standard error and limits.
    pub log: Estimate,
}

/// Geometric mean with its t interval, and geometric CV. NaN is missing.
///
/// Fails if a value is zero or negative (its logarithm does not exist, and to leave it out would be
/// to overstate the mean) and below two values.
pub fn geometric(values: &[f64], level: Level) -> Result<Geometric> {
    if let Some(index) = values.iter().position(|&v| v <= 0.0) {
        return Err(StatsError::NotPositive { index });
    }
    let present = super::present(values)?;
    all_positive(&present)?;
    at_least(2, present.len())?;
    let logs: Vec<f64> = present.iter().map(|&v| ln(v)).collect();
    let variance = super::variance(&logs)?;
    let n = logs.len() as f64;
    let log =
        Reference::T { df: n - 1.0 }.estimate(mean(&logs)?, (variance / n).sqrt(), level)?;
    Ok(Geometric {
        mean: exp(log.value),
        sd: exp(variance.sqrt()),
        cv: expm1(variance).sqrt(),
        lower: exp(log.lower),
        upper: exp(log.upper),
        log,
    })
}

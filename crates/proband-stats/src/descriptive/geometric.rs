//! Geometric mean and coefficient of variation.

use super::Moments;
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
    of_logs(logs.len() as f64, mean(&logs)?, super::variance(&logs)?, level)
}

fn of_logs(n: f64, mean: f64, variance: f64, level: Level) -> Result<Geometric> {
    let log = Reference::T { df: n - 1.0 }.estimate(mean, (variance / n).sqrt(), level)?;
    Ok(Geometric {
        mean: exp(log.value),
        sd: exp(variance.sqrt()),
        cv: expm1(variance).sqrt(),
        lower: exp(log.lower),
        upper: exp(log.upper),
        log,
    })
}

/// A mergeable summary of a stream from which [`geometric`] can be computed, in constant memory.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct GeometricMoments {
    logs: Moments,
    /// Position of the first value that is zero or negative, if there was one.
    not_positive: Option<usize>,
}

impl GeometricMoments {
    /// Adds a value; NaN is missing. An infinity is refused and not counted.
    pub fn push(&mut self, value: f64) -> Result<()> {
        if value <= 0.0 {
            let index = (self.logs.n() + self.logs.missing()) as usize;
            self.not_positive.get_or_insert(index);
            return Ok(());
        }
        self.logs.push(if value.is_finite() { ln(value) } else { value })
    }

    /// Adds the values behind `other`, which come after these.
    pub fn merge(&mut self, other: &Self) {
        let before = (self.logs.n() + self.logs.missing()) as usize;
        let theirs = other.not_positive.map(|index| before + index);
        self.not_positive = self.not_positive.or(theirs);
        self.logs.merge(&other.logs);
    }

    /// [`geometric`] of the values so far, and its errors.
    pub fn finish(&self, level: Level) -> Result<Geometric> {
        if let Some(index) = self.not_positive {
            return Err(StatsError::NotPositive { index });
        }
        of_logs(self.logs.n() as f64, self.logs.mean()?, self.logs.variance()?, level)
    }
}

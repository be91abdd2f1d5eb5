//! Beliefs about a mean.

use super::mixture::Belief;
use crate::checks::{finite, positive};
use crate::error::Result;
use crate::estimate::{Estimate, Interval, Level};
use crate::special::{ln, normal_upper};

/// The normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    /// A finite mean and a positive standard deviation.
    pub fn new(mean: f64, sd: f64) -> Result<Self> {
        Ok(Self { mean: finite(mean)?, sd: positive(sd)? })
    }

    /// What an estimate says on its own, without a prior.
    pub fn of(estimate: &Estimate) -> Result<Self> {
        Self::new(estimate.value, estimate.se)
    }

    /// The mean.
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// The standard deviation.
    pub fn sd(self) -> f64 {
        self.sd
    }

    /// After an estimate with a known standard error: precisions add up.
    pub fn after(self, estimate: f64, se: f64) -> Result<Self> {
        let seen = Self::new(estimate, se)?;
        Ok(self.combined(seen))
    }

    fn combined(self, seen: Self) -> Self {
        let (prior, data) = (1.0 / (self.sd * self.sd), 1.0 / (seen.sd * seen.sd));
        let total = prior + data;
        Self { mean: (prior * self.mean + data * seen.mean) / total, sd: 1.0 / total.sqrt() }
    }

    /// P(mean > `value`).
    pub fn above(self, value: f64) -> f64 {
        normal_upper((value - self.mean) / self.sd)
    }

    /// P(this mean > `other` + `margin`), both independent.
    pub fn exceeds(self, other: Self, margin: f64) -> f64 {
        let sd = (self.sd * self.sd + other.sd * other.sd).sqrt();
        normal_upper((margin - self.mean + other.mean) / sd)
    }

    /// The equal-tailed credible interval.
    pub fn interval(self, level: Level) -> Result<Interval> {
        let half = level.z()? * self.sd;
        Ok(Interval { lower: self.mean - half, upper: self.mean + half })
    }

    /// What an estimate to come, with this standard error, is expected to be.
    pub fn predicts(self, se: f64) -> Result<Self> {
        let sd = (self.sd * self.sd + positive(se)? * se).sqrt();
        Ok(Self { mean: self.mean, sd })
    }
}

impl Belief for Normal {
    /// An estimate with its standard error.
    type Data = Self;

    fn after(&self, data: &Self) -> Self {
        self.combined(*data)
    }

    fn ln_evidence(&self, data: &Self) -> f64 {
        let variance = self.sd * self.sd + data.sd * data.sd;
        let gap = data.mean - self.mean;
        -0.5 * (gap * gap / variance + ln(variance))
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.sd * self.sd
    }

    fn above(&self, value: f64) -> Result<f64> {
        Ok((*self).above(value))
    }
}

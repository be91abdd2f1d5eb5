//! Beliefs about a hazard or a rate.

use super::mixture::Belief;
use crate::checks::{none_negative, positive};
use crate::counts::EventRate;
use crate::error::Result;
use crate::estimate::{Interval, Level};
use crate::special::{
    beta_upper, gamma_quantile_lower, gamma_quantile_upper, gamma_upper, ln, ln_gamma,
};

/// The Gamma distribution with density r^a x^(a-1) e^(-r x) / Gamma(a).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gamma {
    shape: f64,
    rate: f64,
}

impl Gamma {
    /// Both parameters positive; the rate is in units of time where the hazard is one over time.
    pub fn new(shape: f64, rate: f64) -> Result<Self> {
        Ok(Self { shape: positive(shape)?, rate: positive(rate)? })
    }

    /// After events in an exposure: exponential times to event, or counts.
    pub fn after(self, seen: EventRate) -> Self {
        Self { shape: self.shape + seen.events() as f64, rate: self.rate + seen.exposure() }
    }

    /// shape / rate.
    pub fn mean(self) -> f64 {
        self.shape / self.rate
    }

    /// The equal-tailed credible interval.
    pub fn interval(self, level: Level) -> Result<Interval> {
        Ok(Interval {
            lower: gamma_quantile_lower(level.tail(), self.shape)? / self.rate,
            upper: gamma_quantile_upper(level.tail(), self.shape)? / self.rate,
        })
    }

    /// P(hazard > `value`).
    pub fn above(self, value: f64) -> Result<f64> {
        none_negative(&[value])?;
        gamma_upper(self.rate * value, self.shape)
    }

    /// P(this hazard > `ratio` times `other`), both independent: a beta tail, because r_1 h_1 / (r_1 h_1 + r_2 h_2) is
    /// Beta.
    pub fn exceeds(self, other: Self, ratio: f64) -> Result<f64> {
        let scaled = self.rate * positive(ratio)?;
        beta_upper(self.shape, other.shape, scaled / (scaled + other.rate))
    }
}

impl Belief for Gamma {
    type Data = EventRate;

    fn after(&self, data: &EventRate) -> Self {
        (*self).after(*data)
    }

    fn ln_evidence(&self, data: &EventRate) -> f64 {
        let after = (*self).after(*data);
        ln_gamma(after.shape) - ln_gamma(self.shape) + self.shape * ln(self.rate)
            - after.shape * ln(after.rate)
    }

    fn mean(&self) -> f64 {
        (*self).mean()
    }

    fn variance(&self) -> f64 {
        self.shape / (self.rate * self.rate)
    }

    fn above(&self, value: f64) -> Result<f64> {
        (*self).above(value)
    }
}

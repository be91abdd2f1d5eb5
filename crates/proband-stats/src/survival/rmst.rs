//! Mean survival time up to a horizon.

use super::KaplanMeier;
use crate::checks::positive;
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Estimate, Level, RatioEffect, Reference};
use crate::special::ln;

/// The restricted mean survival time of one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// The horizon.
    pub horizon: f64,
    /// The area under the curve up to the horizon.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
}

/// The contrasts of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMeanContrast {
    /// Active less control.
    pub difference: Effect,
    /// Active over control.
    pub ratio: RatioEffect,
    /// The time lost up to the horizon, active over control.
    pub lost_ratio: RatioEffect,
}

impl KaplanMeier {
    /// The mean survival time up to `horizon`: the area A under the curve, with variance
    /// sum of A(t, horizon)^2 d / (n (n - d)) over event times (P. Royston & M. Parmar, BMC Medical Research
    /// Methodology 13, 2013; R's survRM2 and `survfit`, without a correction by m/(m-1)).
    ///
    /// Fails for a horizon after the last observation unless survival has reached 0.
    pub fn restricted_mean(&self, horizon: f64) -> Result<RestrictedMean> {
        positive(horizon)?;
        let last = self.last_time();
        if horizon > last && !self.reaches_zero() {
            return Err(StatsError::BeyondFollowUp { time: horizon, last });
        }
        let steps = &self.steps()[..self.steps().partition_point(|s| s.time < horizon)];
        let (mut area, mut variance, mut end) = (0.0, 0.0, horizon);
        // From the horizon back, so that the area still to come is at hand at each event.
        for step in steps.iter().rev() {
            area += step.survival * (end - step.time);
            end = step.time;
            let (n, d) = (step.at_risk as f64, step.events as f64);
            if step.events > 0 && step.survival > 0.0 {
                variance += area * area * d / (n * (n - d));
            }
        }
        Ok(RestrictedMean { horizon, value: area + end, se: variance.sqrt() })
    }
}

impl RestrictedMean {
    /// The mean with its interval.
    pub fn estimate(&self, level: Level) -> Result<Estimate> {
        Reference::Normal.estimate(self.value, self.se, level)
    }

    /// The mean time lost before the horizon, with its interval.
    pub fn time_lost(&self, level: Level) -> Result<Estimate> {
        Reference::Normal.estimate(self.horizon - self.value, self.se, level)
    }

    /// `self` (active) against `control`: difference, and ratios by the delta method on their logarithms.
    /// Fails for different horizons, without variation, and for a ratio to nothing lost.
    pub fn against(&self, control: &Self, level: Level) -> Result<RestrictedMeanContrast> {
        if (self.horizon - control.horizon).abs() > 0.0 {
            return Err(StatsError::OutOfRange { value: control.horizon });
        }
        let se = (self.se * self.se + control.se * control.se).sqrt();
        let lost = [self, control].map(|m| (m.horizon - m.value, m.se));
        Ok(RestrictedMeanContrast {
            difference: Effect::wald(self.value - control.value, se, Reference::Normal, level)?,
            ratio: ratio([(self.value, self.se), (control.value, control.se)], level)?,
            lost_ratio: ratio(lost, level)?,
        })
    }
}

fn ratio([(a, a_se), (c, c_se)]: [(f64, f64); 2], level: Level) -> Result<RatioEffect> {
    if !(a > 0.0 && c > 0.0) {
        return Err(StatsError::ZeroVariance);
    }
    let se = ((a_se / a) * (a_se / a) + (c_se / c) * (c_se / c)).sqrt();
    Ok(Effect::wald(ln(a / c), se, Reference::Normal, level)?.ratio())
}

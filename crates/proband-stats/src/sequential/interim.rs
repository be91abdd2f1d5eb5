//! What an interim result says about the final one.

use super::GroupSequentialDesign;
use crate::checks::{finite, index_below, positive, probability};
use crate::error::{Result, StatsError};
use crate::special::{normal_density, normal_lower, panels};

/// A statistic at an interim look, and the bound it will meet at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interim {
    /// Z at the look.
    pub z: f64,
    /// Its share of the information at the end, strictly between 0 and 1.
    pub fraction: f64,
    /// The information at the end: effect times its square root is the mean of the final Z.
    pub information: f64,
    /// The bound that the final Z must exceed.
    pub critical: f64,
}

/// What is believed about the effect before the trial: normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalPrior {
    /// Its mean.
    pub mean: f64,
    /// One over its variance; 0 says nothing.
    pub information: f64,
}

impl Interim {
    fn check(&self) -> Result<()> {
        finite(self.z)?;
        finite(self.critical)?;
        positive(self.information)?;
        probability(self.fraction).map(|_| ())
    }

    /// The effect that the interim result shows, z / sqrt(t I).
    pub fn estimate(&self) -> f64 {
        self.z / (self.fraction * self.information).sqrt()
    }

    /// The probability that the final Z exceeds its bound if the effect is `effect`:
    /// Phi((z sqrt t + effect sqrt I (1 - t) - c) / sqrt(1 - t)) (J. Lachin, Statistics in Medicine
    /// 24, 2005). With effect 0 it is the conditional error.
    pub fn conditional_power(&self, effect: f64) -> Result<f64> {
        self.check()?;
        let left = 1.0 - self.fraction;
        let mean =
            self.z * self.fraction.sqrt() + finite(effect)? * self.information.sqrt() * left;
        Ok(normal_lower((mean - self.critical) / left.sqrt()))
    }

    /// [`Self::conditional_power`] under the effect seen so far.
    pub fn conditional_power_at_trend(&self) -> Result<f64> {
        self.check()?;
        self.conditional_power(self.estimate())
    }

    /// Conditional power averaged over what is believed of the effect at the look (D. Spiegelhalter,
    /// L. Freedman & P. Blackburn, Controlled Clinical Trials 7, 1986): the final Z is normal with
    /// the posterior mean of the effect and variance (1 - t) + I (1 - t)^2 / (I_0 + t I).
    pub fn predictive_power(&self, prior: NormalPrior) -> Result<f64> {
        self.check()?;
        let posterior = prior.after(self.estimate(), self.fraction * self.information)?;
        let left = 1.0 - self.fraction;
        let mean =
            self.z * self.fraction.sqrt() + posterior.mean * self.information.sqrt() * left;
        let variance = left + self.information * left * left / posterior.information;
        Ok(normal_lower((mean - self.critical) / variance.sqrt()))
    }
}

impl NormalPrior {
    /// Nothing is known.
    pub const FLAT: Self = Self { mean: 0.0, information: 0.0 };

    /// What is believed after an estimate with this information (one over its variance).
    pub fn after(self, estimate: f64, information: f64) -> Result<Self> {
        positive(information)?;
        finite(self.mean)?;
        if !(self.information >= 0.0 && self.information.is_finite()) {
            return Err(StatsError::OutOfRange { value: self.information });
        }
        let total = self.information + information;
        let mean = (self.information * self.mean + information * finite(estimate)?) / total;
        Ok(Self { mean, information: total })
    }
}

impl GroupSequentialDesign {
    /// The probability to reject at a later look, averaged over what is believed of the drift after
    /// look number `look`. The prior is on the scale of the drift: effect times the square root of
    /// the whole information.
    pub fn predictive_power(&self, look: usize, z: f64, prior: NormalPrior) -> Result<f64> {
        index_below(self.looks() - 1, look)?;
        let fraction = self.fractions()[look];
        let posterior = prior.after(finite(z)? / fraction.sqrt(), fraction)?;
        let sd = 1.0 / posterior.information.sqrt();
        let mut total = 0.0;
        for (x, weight) in panels(-8.0, 8.0, 2.0) {
            let power = self.conditional_power(look, z, posterior.mean + sd * x)?;
            total += weight * normal_density(x) * power;
        }
        Ok(total)
    }
}

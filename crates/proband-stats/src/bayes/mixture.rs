//! Mixtures of beliefs, as a robust prior is one.

use crate::checks::{all_positive, at_least, same_length, share};
use crate::error::Result;
use crate::estimate::{Interval, Level};
use crate::special::{bisect_decreasing, exp};

/// A conjugate belief that can be a component of a [`Mixture`].
pub trait Belief: Clone {
    /// What it learns from.
    type Data;
    /// The belief after the data.
    fn after(&self, data: &Self::Data) -> Self;
    /// ln of the probability of the data, up to a constant that all components share.
    fn ln_evidence(&self, data: &Self::Data) -> f64;
    /// The mean.
    fn mean(&self) -> f64;
    /// The variance.
    fn variance(&self) -> f64;
    /// P(the parameter > `value`).
    fn above(&self, value: f64) -> Result<f64>;
}

/// Components with weights that add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture<B> {
    components: Vec<(f64, B)>,
}

impl<B: Belief> Mixture<B> {
    /// Weights are positive and are brought to add up to 1.
    pub fn new(weights: &[f64], components: &[B]) -> Result<Self> {
        at_least(1, weights.len())?;
        same_length(weights.len(), components.len())?;
        all_positive(weights)?;
        let total: f64 = weights.iter().sum();
        let components =
            weights.iter().zip(components).map(|(w, c)| (w / total, c.clone())).collect();
        Ok(Self { components })
    }

    /// The same with `vague` added at this weight: the robust prior of H. Schmidli et al. (Biometrics 70, 2014), which gives
    /// way where data and history disagree.
    pub fn robust(&self, vague: B, weight: f64) -> Result<Self> {
        share(weight)?;
        let mut components: Vec<(f64, B)> =
            self.components.iter().map(|(w, c)| (w * (1.0 - weight), c.clone())).collect();
        components.push((weight, vague));
        Ok(Self { components })
    }

    /// Weights and components.
    pub fn components(&self) -> &[(f64, B)] {
        &self.components
    }

    /// After data: each component learns, and its weight is multiplied by how well it predicted them.
    pub fn after(&self, data: &B::Data) -> Self {
        let evidence: Vec<f64> =
            self.components.iter().map(|(_, c)| c.ln_evidence(data)).collect();
        let largest = evidence.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let raw: Vec<f64> = self
            .components
            .iter()
            .zip(&evidence)
            .map(|((w, _), e)| w * exp(e - largest))
            .collect();
        let total: f64 = raw.iter().sum();
        let components = self
            .components
            .iter()
            .zip(raw)
            .map(|((_, c), w)| (w / total, c.after(data)))
            .collect();
        Self { components }
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.components.iter().map(|(w, c)| w * c.mean()).sum()
    }

    /// The variance, within and between components.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.components
            .iter()
            .map(|(w, c)| w * (c.variance() + (c.mean() - mean) * (c.mean() - mean)))
            .sum()
    }

    /// The equal-tailed credible interval, by bisection between `FAR` standard deviations on both sides of the mean.
    pub fn interval(&self, level: Level) -> Result<Interval> {
        const FAR: f64 = 60.0;
        let (mean, far) = (self.mean(), FAR * self.variance().sqrt());
        self.above(mean)?;
        let limit = |above: f64| {
            let left = |value: f64| self.above(value).unwrap_or(f64::NAN) - above;
            bisect_decreasing(mean - far, mean + far, left)
        };
        Ok(Interval { lower: limit(1.0 - level.tail()), upper: limit(level.tail()) })
    }

    /// P(the parameter > `value`).
    pub fn above(&self, value: f64) -> Result<f64> {
        let mut total = 0.0;
        for (weight, component) in &self.components {
            total += weight * component.above(value)?;
        }
        Ok(total)
    }
}

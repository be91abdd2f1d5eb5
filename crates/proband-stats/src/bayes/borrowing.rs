//! Priors from earlier trials.

use super::{Beta, Mixture, Normal};
use crate::binary::Proportion;
use crate::checks::{all_finite, all_positive, at_least, positive, same_length, share};
use crate::error::Result;
use crate::special::{exp, ln, panels};

/// The power prior (J. Ibrahim & M.-H. Chen, Statistical Science 15, 2000) of a proportion: `initial` after historical data
/// that count by `weight`, from 0 (not at all) to 1 (as if they were of this trial).
pub fn power_prior(initial: Beta, history: Proportion, weight: f64) -> Result<Beta> {
    share(weight)?;
    let (a, b) = initial.parameters();
    let events = history.events() as f64;
    Beta::new(a + weight * events, b + weight * (history.total() as f64 - events))
}

/// Effects of earlier trials with their standard errors, on a scale on which they are normal (means, log odds, log rates).
#[derive(Debug, Clone, PartialEq)]
pub struct HistoricalEffects {
    estimates: Vec<f64>,
    errors: Vec<f64>,
}

impl HistoricalEffects {
    /// At least one effect, with positive standard errors.
    pub fn new(estimates: &[f64], errors: &[f64]) -> Result<Self> {
        at_least(1, estimates.len())?;
        same_length(estimates.len(), errors.len())?;
        all_finite(estimates)?;
        all_positive(errors)?;
        Ok(Self { estimates: estimates.to_vec(), errors: errors.to_vec() })
    }

    /// The meta-analytic predictive prior of the next trial's effect (B. Neuenschwander et al., Clinical Trials 7, 2010):
    /// effects are normal around a mean, flat a priori, with a between-trial standard deviation that is half-normal with
    /// scale `between`. Given that deviation everything is normal; the mixture is over the nodes of a quadrature of it, so
    /// that it is exact but for that.
    pub fn predictive(&self, between: f64) -> Result<Mixture<Normal>> {
        positive(between)?;
        let mut nodes: Vec<(f64, Normal)> = Vec::new();
        let mut logs = Vec::new();
        for (tau, weight) in panels(0.0, 6.0 * between, 2.0 * between) {
            let (mean, variance, fit) = self.given(tau);
            logs.push(ln(weight) + fit - 0.5 * (tau / between) * (tau / between));
            nodes.push((tau, Normal::new(mean, (variance + tau * tau).sqrt())?));
        }
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let kept: Vec<(f64, Normal)> = logs
            .iter()
            .map(|log| exp(log - largest))
            .zip(nodes)
            .filter(|(weight, _)| *weight > 1e-12)
            .map(|(weight, (_, component))| (weight, component))
            .collect();
        let (weights, components): (Vec<f64>, Vec<Normal>) = kept.into_iter().unzip();
        Mixture::new(&weights, &components)
    }

    /// Mean and variance of the common mean given the deviation between trials, and ln of the evidence for that deviation
    /// (the mean integrated out).
    fn given(&self, tau: f64) -> (f64, f64, f64) {
        let precisions: Vec<f64> =
            self.errors.iter().map(|se| 1.0 / (se * se + tau * tau)).collect();
        let total: f64 = precisions.iter().sum();
        let mean =
            self.estimates.iter().zip(&precisions).map(|(y, p)| y * p).sum::<f64>() / total;
        let squares: f64 = self
            .estimates
            .iter()
            .zip(&precisions)
            .map(|(y, p)| p * (y - mean) * (y - mean))
            .sum();
        let logs: f64 = precisions.iter().map(|p| ln(*p)).sum();
        (mean, 1.0 / total, 0.5 * (logs - ln(total) - squares))
    }
}

//! What every mixed model hands back.

use super::inference::{Inference, SmallSample};
use super::reml::{CovarianceModel, Maximum, Problem};
use crate::checks::{at_least, index_below, not_overflown, same_length};
use crate::error::Result;
use crate::estimate::{Effect, FTest, Level, Reference};
use crate::linear::basis::Basis;
use crate::linear::matrix::Square;

/// A linear model with correlated rows, fitted by maximum likelihood.
#[derive(Debug, Clone)]
pub struct MixedFit {
    basis: Basis,
    sample: SmallSample,
    theta: Vec<f64>,
    minus_two: f64,
    n: usize,
    participants: usize,
}

impl MixedFit {
    pub(super) fn of<P, M: CovarianceModel<P>>(
        problem: &Problem<'_, P, M>,
        maximum: &Maximum,
    ) -> Result<Self> {
        let participants = problem.clusters.iter().map(|c| c.participants).sum();
        Ok(Self {
            sample: SmallSample::of(problem, maximum)?,
            basis: problem.basis.clone(),
            theta: maximum.local.theta.clone(),
            minus_two: maximum.local.value,
            n: problem.n,
            participants,
        })
    }

    pub(super) fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// The coefficients; number 0 is the intercept.
    pub fn coefficients(&self) -> Vec<f64> {
        self.basis.coefficients(&self.sample.coefficients)
    }

    /// The covariance of two coefficients by the inference asked for.
    pub fn covariance_of(
        &self,
        row: usize,
        column: usize,
        inference: Inference,
    ) -> Result<f64> {
        index_below(self.basis.size(), row)?;
        index_below(self.basis.size(), column)?;
        Ok(self.covariance_of_coefficients(inference).at(row, column))
    }

    pub(crate) fn covariance_of_coefficients(&self, inference: Inference) -> Square {
        self.basis.covariance(self.sample.covariance(inference))
    }

    /// -2 times the log-likelihood that was maximised, constants included (SAS, R's mmrm and lme4).
    pub fn minus_two_log_likelihood(&self) -> f64 {
        self.minus_two
    }

    /// -2 l plus twice the number of covariance parameters.
    pub fn aic(&self) -> f64 {
        self.minus_two + 2.0 * self.theta.len() as f64
    }

    /// -2 l plus ln(participants) times the number of covariance parameters.
    pub fn bic(&self) -> f64 {
        self.minus_two + crate::special::ln(self.participants as f64) * self.theta.len() as f64
    }

    /// The number of rows.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The number of participants with a row.
    pub fn participants(&self) -> usize {
        self.participants
    }

    /// The number of covariance parameters.
    pub fn covariance_parameters(&self) -> usize {
        self.theta.len()
    }

    /// Coefficient `index` with its standard error, interval and t test.
    pub fn effect(&self, index: usize, inference: Inference, level: Level) -> Result<Effect> {
        index_below(self.basis.size(), index)?;
        let mut weights = vec![0.0; self.basis.size()];
        weights[index] = 1.0;
        self.contrast(&weights, inference, level)
    }

    /// The combination w'b of coefficients (a least-squares mean or a difference of two, say).
    pub fn contrast(
        &self,
        weights: &[f64],
        inference: Inference,
        level: Level,
    ) -> Result<Effect> {
        same_length(self.basis.size(), weights.len())?;
        crate::checks::all_finite(weights)?;
        let own = self.basis.weights(weights);
        let value = own.iter().zip(&self.sample.coefficients).map(|(w, b)| w * b).sum();
        let variance = not_overflown(self.sample.covariance(inference).quadratic(&own))?;
        let reference = Reference::T { df: self.sample.df(&own)? };
        Effect::wald(value, variance.max(0.0).sqrt(), reference, level)
    }

    /// The combination by `first` less that by `second`.
    pub fn difference(
        &self,
        first: &[f64],
        second: &[f64],
        inference: Inference,
        level: Level,
    ) -> Result<Effect> {
        same_length(first.len(), second.len())?;
        let gap: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        self.contrast(&gap, inference, level)
    }

    /// The F test that several contrasts are all zero; fails where one follows from the others.
    pub fn f_test(&self, contrasts: &[&[f64]], inference: Inference) -> Result<FTest> {
        at_least(1, contrasts.len())?;
        let mut own = Vec::with_capacity(contrasts.len());
        for contrast in contrasts {
            same_length(self.basis.size(), contrast.len())?;
            crate::checks::all_finite(contrast)?;
            own.push(self.basis.weights(contrast));
        }
        let (statistic, df) = self.sample.f_statistic(&own, inference)?;
        FTest::new(statistic, contrasts.len() as f64, df)
    }

    /// [`MixedFit::f_test`] of the coefficients named, such as those of a term of a model matrix.
    pub fn term_test(&self, indices: &[usize], inference: Inference) -> Result<FTest> {
        let mut contrasts = Vec::with_capacity(indices.len());
        for &index in indices {
            index_below(self.basis.size(), index)?;
            let mut unit = vec![0.0; self.basis.size()];
            unit[index] = 1.0;
            contrasts.push(unit);
        }
        let slices: Vec<&[f64]> = contrasts.iter().map(Vec::as_slice).collect();
        self.f_test(&slices, inference)
    }
}

//! Fitted coefficients with their covariance: what every regression hands back.

use super::matrix::Square;
use crate::checks::{index_below, not_overflown, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, Effect, Level, Reference};

/// A covariance this close to singular (relative to its diagonal) cannot be tested jointly.
const SINGULAR: f64 = 1e-13;

/// Coefficients, their covariance matrix and the distribution their ratios to it follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    values: Vec<f64>,
    covariance: Square,
    reference: Reference,
}

impl Coefficients {
    pub(crate) fn new(values: Vec<f64>, covariance: Square, reference: Reference) -> Self {
        Self { values, covariance, reference }
    }

    /// The estimates in the order of the design.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub(crate) fn covariance_matrix(&self) -> &Square {
        &self.covariance
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// What a coefficient divided by its standard error is referred to.
    pub fn reference(&self) -> Reference {
        self.reference
    }

    /// The covariance of two coefficients.
    pub fn covariance(&self, row: usize, column: usize) -> Result<f64> {
        index_below(self.count(), row)?;
        index_below(self.count(), column)?;
        Ok(self.covariance.at(row, column))
    }

    /// One coefficient with its standard error, interval and test against zero.
    pub fn effect(&self, index: usize, level: Level) -> Result<Effect> {
        index_below(self.count(), index)?;
        let se = self.covariance.at(index, index).sqrt();
        Effect::wald(self.values[index], se, self.reference, level)
    }

    /// The combination w'b with standard error sqrt(w'Vw); `weights` has one entry a coefficient.
    pub fn contrast(&self, weights: &[f64], level: Level) -> Result<Effect> {
        same_length(self.count(), weights.len())?;
        let value: f64 = weights.iter().zip(&self.values).map(|(w, b)| w * b).sum();
        let se = not_overflown(self.covariance.quadratic(weights))?.max(0.0).sqrt();
        Effect::wald(value, se, self.reference, level)
    }

    /// The combination by `first` less that by `second`: the difference of two least-squares means.
    pub fn difference(&self, first: &[f64], second: &[f64], level: Level) -> Result<Effect> {
        same_length(self.count(), first.len())?;
        same_length(self.count(), second.len())?;
        let gap: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        self.contrast(&gap, level)
    }

    /// Wald's test that all coefficients named by `indices` are zero: b'V^-1 b on their number.
    pub fn wald_test(&self, indices: &[usize]) -> Result<ChiSquareTest> {
        ChiSquareTest::new(self.wald_statistic(indices)?, indices.len() as f64)
    }

    pub(crate) fn wald_statistic(&self, indices: &[usize]) -> Result<f64> {
        crate::checks::at_least(1, indices.len())?;
        for &index in indices {
            index_below(self.count(), index)?;
            if self.covariance.at(index, index) <= 0.0 {
                return Err(StatsError::ZeroVariance);
            }
        }
        let values: Vec<f64> = indices.iter().map(|&i| self.values[i]).collect();
        let factor = self.covariance.part(indices).cholesky(SINGULAR)?;
        Ok(factor.inverse_quadratic(&values))
    }
}

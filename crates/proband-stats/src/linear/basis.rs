//! An orthonormal basis of a design with an intercept, in which fits are well conditioned whatever the
//! units of its columns.

use super::matrix::{Lower, Square};
use super::{Factored, householder};
use crate::checks::{all_finite, at_least, same_length};
use crate::error::Result;

/// The basis, with the least-squares fit of a response in it.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    means: Vec<f64>,
    lower: Lower,
    root: f64,
    /// The coefficients of the least-squares fit.
    pub(crate) fitted: Vec<f64>,
    /// The rows, one after another, each as long as there are coefficients.
    pub(crate) rows: Vec<f64>,
    /// What the least-squares fit leaves.
    pub(crate) residuals: Vec<f64>,
}

impl Basis {
    /// Of an intercept and `columns`; the same errors as [`super::ols`].
    pub(crate) fn of(columns: &[&[f64]], y: &[f64]) -> Result<Self> {
        for column in columns {
            same_length(y.len(), column.len())?;
            all_finite(column)?;
        }
        all_finite(y)?;
        at_least(columns.len() + 2, y.len())?;
        let Factored { n, column_means: means, y_mean, lower, z, .. } =
            householder::factor(columns, y)?;
        let root = (n as f64).sqrt();
        let mut basis = Self {
            means,
            lower,
            root,
            fitted: std::iter::once(root * y_mean).chain(z).collect(),
            rows: Vec::with_capacity(y.len() * (columns.len() + 1)),
            residuals: Vec::with_capacity(y.len()),
        };
        for (k, response) in y.iter().enumerate() {
            let gaps: Vec<f64> =
                columns.iter().zip(&basis.means).map(|(c, m)| c[k] - m).collect();
            let mut row = vec![1.0 / root];
            row.extend(basis.lower.solve(&gaps));
            let fitted: f64 = row.iter().zip(&basis.fitted).map(|(a, b)| a * b).sum();
            basis.residuals.push(response - fitted);
            basis.rows.extend(row);
        }
        Ok(basis)
    }

    /// The number of coefficients, the intercept included.
    pub(crate) fn size(&self) -> usize {
        self.means.len() + 1
    }

    pub(crate) fn row(&self, index: usize) -> &[f64] {
        &self.rows[index * self.size()..(index + 1) * self.size()]
    }

    /// The same basis with its rows in another order.
    pub(crate) fn reordered(&self, order: &[usize]) -> Self {
        Self {
            rows: order.iter().flat_map(|&k| self.row(k).iter().copied()).collect(),
            residuals: order.iter().map(|&k| self.residuals[k]).collect(),
            ..self.clone()
        }
    }

    /// The weights on coefficients of the basis that mean what `weights` mean on those of the columns.
    pub(crate) fn weights(&self, weights: &[f64]) -> Vec<f64> {
        let gaps: Vec<f64> =
            weights[1..].iter().zip(&self.means).map(|(w, m)| w - weights[0] * m).collect();
        std::iter::once(weights[0] / self.root).chain(self.lower.solve(&gaps)).collect()
    }

    /// ln det(X'X), intercept included.
    pub(crate) fn log_determinant(&self) -> f64 {
        2.0 * crate::special::ln(self.root) + self.lower.log_determinant()
    }

    /// Coefficients of the columns from those of the basis.
    pub(crate) fn coefficients(&self, of_basis: &[f64]) -> Vec<f64> {
        let back = |weights: Vec<f64>| weights.iter().zip(of_basis).map(|(w, b)| w * b).sum();
        self.units().into_iter().map(back).collect()
    }

    /// The covariance of coefficients of the columns from that of the basis.
    pub(crate) fn covariance(&self, of_basis: &Square) -> Square {
        of_basis.sandwiched(&self.units())
    }

    /// For each coefficient of the columns, its weights in the basis.
    fn units(&self) -> Vec<Vec<f64>> {
        let unit = |k: usize| -> Vec<f64> {
            (0..self.size()).map(|i| f64::from(u8::from(i == k))).collect()
        };
        (0..self.size()).map(|k| self.weights(&unit(k))).collect()
    }
}

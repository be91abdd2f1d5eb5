//! Linear models with an intercept, from columns or from streamed cross-products.

pub(crate) mod basis;
mod coefficients;
mod cross_products;
mod householder;
pub(crate) mod matrix;
mod robust;
mod tukey;

pub use coefficients::Coefficients;
pub use cross_products::CrossProducts;
pub use robust::{Heteroscedastic, ols_robust};
pub use tukey::tukey_p;

use crate::checks::{all_finite, at_least, not_overflown, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, FTest, Level, Reference};
use matrix::{Lower, Square};

/// A fitted linear model y = b0 + b1 x1 + ... + bp xp.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    coefficients: Coefficients,
    column_means: Vec<f64>,
    n: u64,
    residual_squares: f64,
    total_squares: f64,
}

/// Ordinary least squares of `y` on an intercept and `columns`, each as long as `y`.
///
/// b = (X'X)^-1 X'y and Var b = s^2 (X'X)^-1 with s^2 = RSS/(n - p - 1), through Householder's QR
/// of the centred columns (G. Golub & C. Van Loan, *Matrix Computations*, algorithm 5.2.1).
/// Coefficient 0 is the intercept. Fails if there are fewer than p + 2 rows, if a value is not
/// finite, or if a column is constant or redundant.
pub fn ols(columns: &[&[f64]], y: &[f64]) -> Result<LinearFit> {
    for column in columns {
        same_length(y.len(), column.len())?;
        all_finite(column)?;
    }
    all_finite(y)?;
    at_least(columns.len() + 2, y.len())?;
    LinearFit::assemble(householder::factor(columns, y)?)
}

/// What both roads (QR of columns, Cholesky of cross-products) lead to: the triangle of the
/// centred design, L L' = X_c'X_c, with z = L^-1 X_c'y_c.
pub(crate) struct Factored {
    pub(crate) n: u64,
    pub(crate) column_means: Vec<f64>,
    pub(crate) y_mean: f64,
    pub(crate) lower: Lower,
    pub(crate) z: Vec<f64>,
    pub(crate) residual_squares: f64,
    pub(crate) total_squares: f64,
}

impl LinearFit {
    /// The one implementation of the algebra after the factorisation.
    pub(crate) fn assemble(parts: Factored) -> Result<Self> {
        let slopes = parts.lower.solve_transposed(&parts.z);
        let inverse = parts.lower.inverse();
        let means = &parts.column_means;
        let df = parts.n as f64 - means.len() as f64 - 1.0;
        let s2 = parts.residual_squares / df;
        let shift: f64 = slopes.iter().zip(means).map(|(b, m)| b * m).sum();
        let mut values = vec![parts.y_mean - shift];
        values.extend(&slopes);
        for value in values.iter().chain([&parts.residual_squares, &parts.total_squares]) {
            not_overflown(*value)?;
        }
        let covariance = with_intercept(&inverse, means, 1.0 / parts.n as f64, s2);
        Ok(Self {
            coefficients: Coefficients::new(values, covariance, Reference::T { df }),
            column_means: parts.column_means,
            n: parts.n,
            residual_squares: parts.residual_squares,
            total_squares: parts.total_squares,
        })
    }

    /// Coefficients with their covariance; number 0 is the intercept.
    pub fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// Coefficient `index` with standard error, interval and test.
    pub fn effect(&self, index: usize, level: Level) -> Result<Effect> {
        self.coefficients.effect(index, level)
    }

    /// The number of rows.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// n - p - 1.
    pub fn residual_df(&self) -> f64 {
        (self.n - self.coefficients.count() as u64) as f64
    }

    /// sqrt(RSS / residual df).
    pub fn residual_sd(&self) -> f64 {
        (self.residual_squares / self.residual_df()).sqrt()
    }

    /// 1 - RSS/TSS; fails for a constant response.
    pub fn r_squared(&self) -> Result<f64> {
        if self.total_squares <= 0.0 {
            return Err(StatsError::ZeroVariance);
        }
        Ok(1.0 - self.residual_squares / self.total_squares)
    }

    /// The mean of each column (without the intercept).
    pub fn column_means(&self) -> &[f64] {
        &self.column_means
    }

    /// The F test that all coefficients named by `indices` are zero, given all others.
    pub fn f_test(&self, indices: &[usize]) -> Result<FTest> {
        let df1 = indices.len() as f64;
        let statistic = self.coefficients.wald_statistic(indices)? / df1;
        FTest::new(statistic, df1, self.residual_df())
    }

    /// The fitted value for one row of column values.
    pub fn predict(&self, row: &[f64]) -> Result<f64> {
        let b = self.coefficients.values();
        same_length(b.len() - 1, row.len())?;
        Ok(b[0] + b[1..].iter().zip(row).map(|(b, x)| b * x).sum::<f64>())
    }
}

/// `scale` times the covariance of (intercept, slopes) from that of the slopes of centred columns:
/// Var b0 = `origin` + m'Vm, Cov(b0, b) = -Vm.
pub(crate) fn with_intercept(
    slopes: &Square,
    means: &[f64],
    origin: f64,
    scale: f64,
) -> Square {
    let size = means.len() + 1;
    let cross: Vec<f64> = (0..means.len())
        .map(|i| -means.iter().enumerate().map(|(j, m)| slopes.at(i, j) * m).sum::<f64>())
        .collect();
    let corner = origin + slopes.quadratic(means);
    Square::from_fn(size, |i, j| {
        scale
            * match (i, j) {
                (0, 0) => corner,
                (0, k) | (k, 0) => cross[k - 1],
                _ => slopes.at(i - 1, j - 1),
            }
    })
}

//! Standard errors of least squares that do not believe in a constant residual variance.

use super::basis::Basis;
use super::coefficients::Coefficients;
use super::matrix::Square;
use crate::error::{Result, StatsError};
use crate::estimate::Reference;

/// How a squared residual stands for the variance of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heteroscedastic {
    /// As it is (H. White, Econometrica 48, 1980; F. Eicker, P. J. Huber): HC0.
    Hc0,
    /// Times n/(n - p): HC1.
    Hc1,
    /// Divided by 1 - h, h its leverage: HC2, unbiased where the variance is constant after all.
    Hc2,
    /// Divided by (1 - h)^2, close to the jackknife: HC3 (J. G. MacKinnon & H. White, Journal of
    /// Econometrics 29, 1985).
    Hc3,
}

/// The coefficients of [`super::ols`] with covariance (X'X)^-1 (sum of omega x x') (X'X)^-1, referred to t
/// on n - p degrees of freedom.
///
/// Fails where `ols` does, and with [`StatsError::ZeroVariance`] where a row is fitted by its own
/// coefficient, which HC2 and HC3 cannot divide by.
pub fn ols_robust(
    columns: &[&[f64]],
    y: &[f64],
    kind: Heteroscedastic,
) -> Result<Coefficients> {
    /// A leverage this close to one is one but for rounding.
    const ALONE: f64 = 1e-12;
    let basis = Basis::of(columns, y)?;
    let (n, p) = (y.len() as f64, basis.size());
    let mut meat = Square::zeros(p);
    for (k, residual) in basis.residuals.iter().enumerate() {
        let row = basis.row(k);
        let left = 1.0 - row.iter().map(|q| q * q).sum::<f64>();
        let share = match kind {
            Heteroscedastic::Hc0 => 1.0,
            Heteroscedastic::Hc1 => n / (n - p as f64),
            _ if left < ALONE => return Err(StatsError::ZeroVariance),
            Heteroscedastic::Hc2 => 1.0 / left,
            Heteroscedastic::Hc3 => 1.0 / (left * left),
        };
        meat.add_outer(row, residual * residual * share);
    }
    Ok(Coefficients::new(
        basis.coefficients(&basis.fitted),
        basis.covariance(&meat),
        Reference::T { df: n - p as f64 },
    ))
}

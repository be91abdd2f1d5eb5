//! Standard errors and degrees of freedom that know the covariance was estimated.

use super::reml::{CovarianceModel, Maximum, Problem};
use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;

/// A parameter covariance this close to singular leaves no degrees of freedom to speak of.
const SINGULAR: f64 = 1e-12;

/// How the covariance's own uncertainty enters the inference on coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inference {
    /// Standard errors as if the covariance were known, with Satterthwaite's degrees of freedom
    /// 2 v^2 / Var(v), v the variance of the contrast (F. E. Satterthwaite 1946; A. H.-T. Fai & P. L.
    /// Cornelius, Journal of Statistical Computation and Simulation 54, 1996).
    Satterthwaite,
    /// Standard errors adjusted for the covariance's estimation by its first derivatives (M. G. Kenward &
    /// J. H. Roger, Computational Statistics and Data Analysis 53, 2009, without the second derivatives):
    /// what SAS PROC MIXED prints as DDFM=KR for an unstructured covariance, and mmrm as
    /// "Kenward-Roger-Linear". It does not depend on how the covariance is parametrised.
    KenwardRogerLinear,
    /// With second derivatives in the parametrisation of [`super::Covariance`] (M. G. Kenward & J. H.
    /// Roger, Biometrics 53, 1997): what mmrm calls "Kenward-Roger".
    KenwardRoger,
}

/// What inference needs of a fit, in the basis in which it was made.
#[derive(Debug, Clone)]
pub(super) struct SmallSample {
    /// Coefficients in the basis.
    pub(super) coefficients: Vec<f64>,
    /// Their covariance as if theta were known.
    pub(super) phi: Square,
    /// The adjusted covariance.
    pub(super) linear: Square,
    /// The adjusted covariance with second derivatives.
    pub(super) full: Square,
    /// The covariance of theta.
    pub(super) w: Square,
    /// d phi^-1 / d theta_i, less its sign.
    crossed: Vec<Square>,
}

impl SmallSample {
    /// Fails where the curvature leaves theta undetermined.
    pub(super) fn of<P, M: CovarianceModel<P>>(
        problem: &Problem<'_, P, M>,
        maximum: &Maximum,
    ) -> Result<Self> {
        let Maximum { local, slopes, hessian } = maximum;
        // -2 l has twice the curvature of -l.
        let half = hessian.scaled(0.5);
        let w = half
            .cholesky(SINGULAR)
            .map_err(|_| StatsError::DidNotConverge { iterations: 0 })?
            .inverse();
        let correction = local.correction();
        let coefficients =
            problem.basis.fitted.iter().zip(correction).map(|(a, b)| a + b).collect();
        let phi = local.phi.clone();
        let [mut inner, seconds] = problem.bends(maximum, &w);
        for (i, own) in slopes.crossed.iter().enumerate() {
            let mut others = Square::zeros(phi.size());
            for (j, other) in slopes.crossed.iter().enumerate() {
                others.add_scaled(other, w.at(i, j));
            }
            let explained = own.multiply(&phi).multiply(&others);
            inner.add_scaled(&explained.symmetrised(), -1.0);
        }
        let adjusted = |bend: f64| {
            let mut inner = inner.clone();
            inner.add_scaled(&seconds, -bend);
            let mut sum = phi.clone();
            sum.add_scaled(&phi.multiply(&inner).multiply(&phi), 2.0);
            sum.symmetrised()
        };
        let (linear, full) = (adjusted(0.0), adjusted(0.25));
        Ok(Self { coefficients, linear, full, w, crossed: slopes.crossed.clone(), phi })
    }

    pub(super) fn covariance(&self, inference: Inference) -> &Square {
        match inference {
            Inference::Satterthwaite => &self.phi,
            Inference::KenwardRogerLinear => &self.linear,
            Inference::KenwardRoger => &self.full,
        }
    }

    /// Degrees of freedom of one contrast, the same by Satterthwaite and by Kenward and Roger.
    pub(super) fn df(&self, weights: &[f64]) -> Result<f64> {
        let variance = self.phi.quadratic(weights);
        // d(w'phi w)/d theta_i = w'phi (X'V^-1 V_i V^-1 X) phi w.
        let u = self.phi.times(weights);
        let gradient: Vec<f64> = self.crossed.iter().map(|c| c.quadratic(&u)).collect();
        let spread = self.w.quadratic(&gradient);
        if variance <= 0.0 || spread <= 0.0 {
            return Err(StatsError::ZeroVariance);
        }
        Ok(2.0 * variance * variance / spread)
    }

    /// Several contrasts at once: (F, denominator degrees of freedom).
    pub(super) fn f_statistic(
        &self,
        contrasts: &[Vec<f64>],
        inference: Inference,
    ) -> Result<(f64, f64)> {
        match inference {
            Inference::Satterthwaite => self.fai_cornelius(contrasts),
            _ => self.kenward_roger(contrasts, inference),
        }
    }

    /// Fai and Cornelius: the contrasts are turned until they are uncorrelated, each with its own
    /// degrees of freedom m; F is their mean square, on 2E/(E - q) with E = sum m/(m-2) over m > 2.
    fn fai_cornelius(&self, contrasts: &[Vec<f64>]) -> Result<(f64, f64)> {
        let q = contrasts.len() as f64;
        let (values, vectors) = self.phi.sandwiched(contrasts).eigen()?;
        let (mut squares, mut expected) = (0.0, 0.0);
        let top = values.iter().copied().fold(0.0, f64::max);
        for (value, vector) in values.iter().zip(&vectors) {
            if *value <= SINGULAR * top {
                return Err(StatsError::Singular { column: contrasts.len() - 1 });
            }
            let turned: Vec<f64> = (0..self.coefficients.len())
                .map(|k| contrasts.iter().zip(vector).map(|(row, v)| row[k] * v).sum())
                .collect();
            let estimate: f64 = turned.iter().zip(&self.coefficients).map(|(w, b)| w * b).sum();
            squares += estimate * estimate / value;
            let m = self.df(&turned)?;
            expected += if m > 2.0 { m / (m - 2.0) } else { 0.0 };
        }
        let df = if expected > q { 2.0 * expected / (expected - q) } else { 0.0 };
        if df <= 0.0 {
            return Err(StatsError::TooFew { needed: 3, found: 2 });
        }
        Ok((squares / q, df))
    }

    /// Kenward & Roger (1997), section 4: F scaled so that its first two moments fit.
    fn kenward_roger(
        &self,
        contrasts: &[Vec<f64>],
        inference: Inference,
    ) -> Result<(f64, f64)> {
        let l = contrasts.len() as f64;
        let singular = |_| StatsError::Singular { column: contrasts.len() - 1 };
        let middle =
            self.phi.sandwiched(contrasts).cholesky(SINGULAR).map_err(singular)?.inverse();
        let theta = Square::from_fn(self.phi.size(), |i, j| {
            let row = |k: usize| contrasts.iter().map(|c| c[k]).collect::<Vec<_>>();
            middle.times(&row(j)).iter().zip(row(i)).map(|(a, b)| a * b).sum()
        });
        let outer = theta.multiply(&self.phi);
        let parts: Vec<Square> =
            self.crossed.iter().map(|c| outer.multiply(c).multiply(&self.phi)).collect();
        let (mut a1, mut a2) = (0.0, 0.0);
        for i in 0..parts.len() {
            for j in 0..parts.len() {
                a1 += self.w.at(i, j) * parts[i].trace() * parts[j].trace();
                a2 += self.w.at(i, j) * parts[i].trace_product(&parts[j]);
            }
        }
        let (scale, df) = scaled_f(l, a1, a2)?;
        let values: Vec<f64> = contrasts
            .iter()
            .map(|c| c.iter().zip(&self.coefficients).map(|(w, b)| w * b).sum())
            .collect();
        let adjusted = self.covariance(inference).sandwiched(contrasts);
        let factor = adjusted.cholesky(SINGULAR).map_err(singular)?;
        let squares = factor.inverse_quadratic(&values);
        Ok((scale * squares / l, df))
    }
}

/// The scale and the degrees of freedom of Kenward and Roger's F from their A1 and A2.
fn scaled_f(l: f64, a1: f64, a2: f64) -> Result<(f64, f64)> {
    if a2 <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    let b = (a1 + 6.0 * a2) / (2.0 * l);
    let g = ((l + 1.0) * a1 - (l + 4.0) * a2) / ((l + 2.0) * a2);
    let divisor = 3.0 * l + 2.0 * (1.0 - g);
    let (c1, c2, c3) = (g / divisor, (l - g) / divisor, (l + 2.0 - g) / divisor);
    let expectation = 1.0 / (1.0 - a2 / l);
    let shrunk = (1.0 - c2 * b) * (1.0 - c2 * b) * (1.0 - c3 * b);
    let variance = 2.0 / l * (1.0 + c1 * b) / shrunk;
    let ratio = variance / (2.0 * expectation * expectation);
    let df = 4.0 + (l + 2.0) / (l * ratio - 1.0);
    if !(df > 2.0 && df.is_finite()) {
        return Err(StatsError::TooFew { needed: 3, found: 2 });
    }
    Ok((df / (expectation * (df - 2.0)), df))
}

//! The restricted likelihood of a linear model with correlated rows, its derivatives and its maximum.
//!
//! For participants with covariance V(theta): -2 l = sum ln det V + ln det X'V^-1 X + r'V^-1 r +
//! (n - p) ln 2 pi (H. D. Patterson & R. Thompson, Biometrika 58, 1971; D. A. Harville, JASA 72, 1977).
//! Derivatives are exact; where the second ones are indefinite, far from the maximum, the average
//! information (A. R. Gilmour, R. Thompson & B. R. Cullis, Biometrics 51, 1995) takes their place.

use super::clusters::{Cluster, packed_quadratic, unpacked};
use crate::error::{Result, StatsError};
use crate::linear::basis::Basis;
use crate::linear::matrix::Square;
use crate::special::ln;

const MAX_ROUNDS: usize = 200;

const MAX_HALVINGS: usize = 40;

/// The step still to go, squared and in units of standard errors, at which the answer stands.
const CONVERGED: f64 = 1e-15;

/// By how much -2 l may rise by rounding alone, relative to its size.
const ROUNDING: f64 = 1e-12;

/// A pivot that keeps less than this share of its diagonal makes a matrix singular.
const SINGULAR: f64 = 1e-12;

/// A parameter whose curvature keeps less than this share of itself once the others have moved is not
/// determined by the data.
const UNDETERMINED: f64 = 1e-6;

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likelihood {
    /// The likelihood of contrasts free of the coefficients (REML): variances without the bias that
    /// estimating coefficients brings. The one for inference.
    Restricted,
    /// The likelihood of the responses (ML): for comparing models with different columns.
    Full,
}

impl Likelihood {
    /// The share in which the determinant of X'V^-1 X enters.
    fn share(self) -> f64 {
        f64::from(u8::from(self == Self::Restricted))
    }
}

/// The covariance of a cluster's rows and its derivatives by the parameters.
pub(super) trait CovarianceModel<P> {
    fn parameters(&self) -> usize;

    fn covariance(&self, pattern: &P, theta: &[f64]) -> Square;

    /// dV/d theta_i.
    fn first(&self, pattern: &P, theta: &[f64], i: usize) -> Square;

    /// d2V/(d theta_i d theta_j).
    fn second(&self, pattern: &P, theta: &[f64], i: usize, j: usize) -> Square;
}

/// The rows to be fitted.
pub(super) struct Problem<'a, P, M> {
    pub(super) basis: &'a Basis,
    pub(super) clusters: Vec<Cluster<P>>,
    pub(super) model: M,
    pub(super) n: usize,
    pub(super) likelihood: Likelihood,
}

/// The likelihood at one theta, with the coefficients that go with it.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) theta: Vec<f64>,
    /// -2 times the restricted log-likelihood.
    pub(super) value: f64,
    /// (-b, 1): residuals are rows (with responses) times this.
    residual: Vec<f64>,
    /// (X'V^-1 X)^-1.
    pub(super) phi: Square,
    /// V^-1 of each cluster.
    inverses: Vec<Square>,
}

/// First derivatives at a [`Local`].
pub(super) struct Slopes {
    gradient: Vec<f64>,
    /// X'V^-1 (dV/d theta_i) V^-1 X.
    pub(super) crossed: Vec<Square>,
    /// X'V^-1 (dV/d theta_i) V^-1 r.
    with_residual: Vec<Vec<f64>>,
    /// (dV/d theta_i) of each cluster, for each i.
    by: Vec<Vec<Square>>,
}

/// A maximum of the restricted likelihood.
pub(super) struct Maximum {
    pub(super) local: Local,
    pub(super) slopes: Slopes,
    /// Second derivatives of -2 l.
    pub(super) hessian: Square,
}

impl<P, M: CovarianceModel<P>> Problem<'_, P, M> {
    /// Fails with [`StatsError::DidNotConverge`] where the likelihood has no maximum inside its range.
    pub(super) fn maximise(&self, start: Vec<f64>) -> Result<Maximum> {
        let mut here = self.local(start).ok_or(StatsError::ZeroVariance)?;
        for _ in 0..MAX_ROUNDS {
            let slopes = self.slopes(&here);
            let hessian = self.hessian(&here, &slopes);
            let step = match downhill(&hessian, &slopes.gradient) {
                Ok((_, left)) if left < CONVERGED => {
                    return Ok(Maximum { local: here, slopes, hessian });
                }
                Ok((step, _)) => step,
                Err(_) => {
                    let average = self.average_information(&here, &slopes);
                    downhill(&average, &slopes.gradient)?.0
                }
            };
            here = self.advance(&here, &step)?;
        }
        Err(StatsError::DidNotConverge { iterations: MAX_ROUNDS })
    }

    /// The longest of step, step/2, step/4, ... that does not raise -2 l.
    fn advance(&self, here: &Local, step: &[f64]) -> Result<Local> {
        let ceiling = here.value + ROUNDING * (1.0 + here.value.abs());
        let mut share = 1.0;
        for _ in 0..MAX_HALVINGS {
            let next = here.theta.iter().zip(step).map(|(t, s)| t + share * s).collect();
            match self.local(next) {
                Some(there) if there.value <= ceiling => return Ok(there),
                _ => share *= 0.5,
            }
        }
        Err(StatsError::DidNotConverge { iterations: MAX_HALVINGS })
    }

    fn packed(&self) -> Vec<f64> {
        let width = self.basis.size() + 1;
        vec![0.0; width * (width + 1) / 2]
    }

    /// None where a covariance is not positive definite.
    pub(super) fn local(&self, theta: Vec<f64>) -> Option<Local> {
        let (mut sums, mut inverses, mut value) = (self.packed(), Vec::new(), 0.0);
        for cluster in &self.clusters {
            let v = self.model.covariance(&cluster.pattern, &theta);
            let factor = v.cholesky(SINGULAR).ok()?;
            let inverse = factor.inverse();
            value += cluster.participants as f64 * factor.log_determinant();
            cluster.add_weighted(&inverse, &mut sums);
            inverses.push(inverse);
        }
        let p = self.basis.size();
        let factor = unpacked(&sums, p).cholesky(SINGULAR).ok()?;
        let crossed = &sums[p * (p + 1) / 2..];
        let b = factor.solve_both(&crossed[..p]);
        let residual: Vec<f64> = b.iter().map(|b| -b).chain([1.0]).collect();
        let share = self.likelihood.share();
        value += share * (factor.log_determinant() + self.basis.log_determinant());
        value += packed_quadratic(&sums, &residual);
        value += (self.n as f64 - share * p as f64) * ln(2.0 * std::f64::consts::PI);
        let phi = factor.inverse();
        value.is_finite().then_some(Local { theta, value, residual, phi, inverses })
    }

    fn slopes(&self, here: &Local) -> Slopes {
        let p = self.basis.size();
        let count = self.model.parameters();
        let mut slopes = Slopes {
            gradient: Vec::with_capacity(count),
            crossed: Vec::with_capacity(count),
            with_residual: Vec::with_capacity(count),
            by: Vec::with_capacity(count),
        };
        for i in 0..count {
            let (mut sums, mut trace, mut by) = (self.packed(), 0.0, Vec::new());
            for (cluster, inverse) in self.clusters.iter().zip(&here.inverses) {
                let slope = self.model.first(&cluster.pattern, &here.theta, i);
                let product = inverse.multiply(&slope);
                trace += cluster.participants as f64 * product.trace();
                cluster.add_weighted(&product.multiply(inverse), &mut sums);
                by.push(slope);
            }
            let crossed = unpacked(&sums, p);
            let fitted = here.phi.trace_product(&crossed);
            let explained = packed_quadratic(&sums, &here.residual);
            slopes.gradient.push(trace - self.likelihood.share() * fitted - explained);
            slopes.with_residual.push(self.times_residual(&sums, here));
            slopes.crossed.push(crossed);
            slopes.by.push(by);
        }
        slopes
    }

    /// The part of a packed sum that belongs to X' ... r.
    fn times_residual(&self, packed: &[f64], here: &Local) -> Vec<f64> {
        let all = unpacked(packed, self.basis.size() + 1).times(&here.residual);
        all[..self.basis.size()].to_vec()
    }

    /// r'V^-1 V_i P V_j V^-1 r, P the projection onto residuals.
    fn average_information(&self, here: &Local, slopes: &Slopes) -> Square {
        let count = self.model.parameters();
        let mut average = Square::zeros(count);
        for (c, (cluster, inverse)) in self.clusters.iter().zip(&here.inverses).enumerate() {
            let residual = cluster.residual_products(&here.residual);
            let left: Vec<Square> =
                slopes.by.iter().map(|by| inverse.multiply(&by[c]).multiply(inverse)).collect();
            for (i, left) in left.iter().enumerate() {
                let half = left.multiply(&slopes.by[i][c]);
                for j in 0..=i {
                    let own = if i == j { &half } else { &left.multiply(&slopes.by[j][c]) };
                    let m = own.multiply(inverse).symmetrised();
                    average.add(i, j, lower_sum(&m, &residual));
                }
            }
        }
        for i in 0..count {
            for j in 0..=i {
                let fitted =
                    bilinear(&here.phi, &slopes.with_residual[i], &slopes.with_residual[j]);
                let entry = average.at(i, j) - fitted;
                average.set(i, j, entry);
                average.set(j, i, entry);
            }
        }
        average
    }

    /// All second derivatives of -2 l. What they need of a cluster's sums of products are their products with
    /// the residuals and with (X'V^-1 X)^-1: numbers for its pairs of rows.
    fn hessian(&self, here: &Local, slopes: &Slopes) -> Square {
        let count = self.model.parameters();
        let share = self.likelihood.share();
        let mut hessian = Square::zeros(count);
        for (c, (cluster, inverse)) in self.clusters.iter().zip(&here.inverses).enumerate() {
            let residual = cluster.residual_products(&here.residual);
            let spread = cluster.traces(&here.phi);
            let weigh = |m: &Square| lower_sum(m, &residual) + share * lower_sum(m, &spread);
            let left: Vec<Square> =
                slopes.by.iter().map(|by| inverse.multiply(&by[c])).collect();
            for i in 0..count {
                for j in 0..=i {
                    let second = self.model.second(&cluster.pattern, &here.theta, i, j);
                    let (both, bent) = (left[i].multiply(&left[j]), inverse.multiply(&second));
                    let trace = cluster.participants as f64 * (bent.trace() - both.trace());
                    let product = both.multiply(inverse).symmetrised();
                    let fitted = bent.multiply(inverse);
                    hessian.add(i, j, trace + 2.0 * weigh(&product) - weigh(&fitted));
                }
            }
        }
        let turned: Vec<Square> =
            slopes.crossed.iter().map(|crossed| here.phi.multiply(crossed)).collect();
        for i in 0..count {
            for j in 0..=i {
                let (own, other) = (&slopes.with_residual[i], &slopes.with_residual[j]);
                let fitted = bilinear(&here.phi, own, other);
                let crossed = share * turned[i].trace_product(&turned[j]);
                let entry = hessian.at(i, j) - 2.0 * fitted - crossed;
                hessian.set(i, j, entry);
                hessian.set(j, i, entry);
            }
        }
        hessian
    }

    /// The sums over i and j, weighted by w_ij, of X'V^-1 V_i V^-1 V_j V^-1 X and of X'V^-1 V_ij V^-1 X: what
    /// small-sample inference needs.
    pub(super) fn bends(&self, maximum: &Maximum, w: &Square) -> [Square; 2] {
        let Maximum { local, slopes, .. } = maximum;
        let (mut products, mut seconds) = (self.packed(), self.packed());
        for (c, (cluster, inverse)) in self.clusters.iter().zip(&local.inverses).enumerate() {
            let mut product = Square::zeros(cluster.size);
            let mut bend = Square::zeros(cluster.size);
            for (i, by) in slopes.by.iter().enumerate() {
                let mut weighted = Square::zeros(cluster.size);
                for (j, other) in slopes.by.iter().enumerate() {
                    weighted.add_scaled(&other[c], w.at(i, j));
                    let (high, low) = (i.max(j), i.min(j));
                    let second = self.model.second(&cluster.pattern, &local.theta, high, low);
                    bend.add_scaled(&second, w.at(i, j));
                }
                let left = inverse.multiply(&by[c]).multiply(inverse);
                product.add_scaled(&left.multiply(&weighted), 1.0);
            }
            cluster.add_weighted(&product.multiply(inverse).symmetrised(), &mut products);
            cluster.add_weighted(&inverse.multiply(&bend).multiply(inverse), &mut seconds);
        }
        [products, seconds].map(|sums| unpacked(&sums, self.basis.size()))
    }
}

impl Local {
    /// The coefficients in the basis, less those of the least-squares fit.
    pub(super) fn correction(&self) -> Vec<f64> {
        self.residual[..self.residual.len() - 1].iter().map(|b| -b).collect()
    }
}

/// Newton's step and the square of its length in units of standard errors.
fn downhill(hessian: &Square, gradient: &[f64]) -> Result<(Vec<f64>, f64)> {
    // Some parameter says nothing about the data.
    let undetermined = |_| StatsError::DidNotConverge { iterations: MAX_ROUNDS };
    let factor = hessian.cholesky(UNDETERMINED).map_err(undetermined)?;
    let step: Vec<f64> = factor.solve_both(gradient).iter().map(|s| -s).collect();
    let left = -step.iter().zip(gradient).map(|(s, g)| s * g).sum::<f64>();
    Ok((step, left))
}

/// sum over pairs a >= b of m_ab times what [`Cluster::residual_products`] has for them.
fn lower_sum(m: &Square, products: &[f64]) -> f64 {
    let pairs = (0..m.size()).flat_map(|a| (0..=a).map(move |b| (a, b)));
    pairs.zip(products).map(|((a, b), product)| m.at(a, b) * product).sum()
}

/// u'Aw.
fn bilinear(a: &Square, u: &[f64], w: &[f64]) -> f64 {
    a.times(w).iter().zip(u).map(|(x, y)| x * y).sum()
}

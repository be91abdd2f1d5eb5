//! Random intercepts and slopes.

use super::clusters::clusters;
use super::dual::Dual;
use super::fit::MixedFit;
use super::reml::{CovarianceModel, Likelihood, Problem};
use crate::checks::{all_finite, mean, same_length, sum};
use crate::error::{Result, StatsError};
use crate::linear::basis::Basis;
use crate::linear::matrix::Square;
use crate::order::{ascending_within, from_order_key, order_key};
use crate::special::ln;

/// What differs between participants beside the columns of the model.
#[derive(Debug, Clone, Copy)]
pub enum RandomEffects<'a> {
    /// A level of their own.
    Intercept,
    /// A level and a slope on this number (time, say), which may be correlated.
    InterceptAndSlope(&'a [f64]),
}

/// A fitted mixed model with random effects.
#[derive(Debug, Clone)]
pub struct RandomFit {
    /// The coefficients and what can be asked about them.
    pub fit: MixedFit,
    /// The variance of intercepts (where the slope's number is zero).
    pub intercept_variance: f64,
    /// The variance of slopes and their covariance with intercepts; none without slopes.
    pub slope: Option<(f64, f64)>,
    /// The variance of rows about their participant's line.
    pub residual_variance: f64,
}

/// Fits y = X b + Z u + e, u normal with any covariance and independent between participants (`participant`
/// says whose each row is), e independent with one variance, by restricted or full maximum likelihood (N.
/// M. Laird & J. H. Ware, Biometrics 38, 1982).
///
/// A variance may be estimated as zero. Fails where [`crate::linear::ols`] does, where the rows fit without
/// residuals, and with [`StatsError::DidNotConverge`] where the data do not determine the variances: one row for
/// each participant, or intercepts without variance beside slopes with one.
pub fn random_effects(
    response: &[f64],
    columns: &[&[f64]],
    participant: &[usize],
    effects: RandomEffects<'_>,
    likelihood: Likelihood,
) -> Result<RandomFit> {
    same_length(response.len(), participant.len())?;
    let basis = Basis::of(columns, response)?;
    let scale = Scale::of(effects, response.len())?;
    let order = ascending_within(participant, &scale.moved);
    let sorted = basis.reordered(&order);
    let participants: Vec<usize> = order.iter().map(|&row| participant[row]).collect();
    let times: Vec<f64> = order.iter().map(|&row| scale.moved[row]).collect();
    let slopes = matches!(effects, RandomEffects::InterceptAndSlope(_));
    let problem = Problem {
        clusters: clusters(&sorted, &participants, |rows| {
            rows.iter().map(|&row| order_key(times[row])).collect::<Vec<u64>>()
        }),
        basis: &sorted,
        model: Effects { slopes },
        n: response.len(),
        likelihood,
    };
    if problem.clusters.iter().all(|cluster| cluster.size == 1) {
        return Err(StatsError::DidNotConverge { iterations: 0 });
    }
    let maximum = problem.maximise(start(&basis, response, slopes)?)?;
    let fit = MixedFit::of(&problem, &maximum)?;
    Ok(scale.handed_back(fit, slopes))
}

/// Half of the residual variance between participants and half within.
fn start(basis: &Basis, response: &[f64], slopes: bool) -> Result<Vec<f64>> {
    /// Residuals this small beside the response are rounding.
    const ESSENTIALLY_CONSTANT: f64 = 1e-12;
    let n = basis.residuals.len() as f64;
    let sd = (sum(basis.residuals.iter().map(|r| r * r)) / n).sqrt();
    let largest = response.iter().map(|y| y.abs()).fold(0.0, f64::max);
    if sd <= ESSENTIALLY_CONSTANT * largest {
        return Err(StatsError::ZeroVariance);
    }
    let half = sd * 0.5_f64.sqrt();
    Ok(if slopes { vec![ln(half), half, 0.0, 0.5 * half] } else { vec![ln(half), half] })
}

/// The slope's number brought to mean 0 and standard deviation 1, so that intercept and slope are nearly
/// unrelated.
struct Scale {
    centre: f64,
    spread: f64,
    moved: Vec<f64>,
}

impl Scale {
    fn of(effects: RandomEffects<'_>, rows: usize) -> Result<Self> {
        let RandomEffects::InterceptAndSlope(times) = effects else {
            return Ok(Self { centre: 0.0, spread: 1.0, moved: vec![0.0; rows] });
        };
        same_length(rows, times.len())?;
        all_finite(times)?;
        let centre = mean(times)?;
        let square = sum(times.iter().map(|t| (t - centre) * (t - centre))) / rows as f64;
        if square <= 0.0 {
            return Err(StatsError::ZeroVariance);
        }
        let spread = square.sqrt();
        let moved = times.iter().map(|t| (t - centre) / spread).collect();
        Ok(Self { centre, spread, moved })
    }

    /// Variances on the scale of the number as it was given.
    fn handed_back(&self, fit: MixedFit, slopes: bool) -> RandomFit {
        let theta = fit.theta();
        let residual_variance = crate::special::exp(2.0 * theta[0]);
        if !slopes {
            let intercept_variance = theta[1] * theta[1];
            return RandomFit { fit, intercept_variance, slope: None, residual_variance };
        }
        let (a, b, c) = (theta[1], theta[2] / self.spread, theta[3] / self.spread);
        let (level, crossed, steep) = (a * a, a * b, b * b + c * c);
        let at_zero = crossed - self.centre * steep;
        RandomFit {
            intercept_variance: level - 2.0 * self.centre * crossed
                + self.centre * self.centre * steep,
            slope: Some((steep, at_zero)),
            residual_variance,
            fit,
        }
    }
}

/// Clusters are the (scaled) times of a participant; parameters are the logarithm of the residual standard
/// deviation and the triangle L of the random effects' covariance L L'.
struct Effects {
    slopes: bool,
}

impl Effects {
    fn entries(&self, pattern: &[u64], theta: &[Dual], part: impl Fn(Dual) -> f64) -> Square {
        let sd = theta[0].exp();
        let line = |key: u64| -> (Dual, Dual) {
            let time = Dual::constant(from_order_key(key));
            if self.slopes {
                (theta[1] + theta[2] * time, theta[3] * time)
            } else {
                (theta[1], Dual::ZERO)
            }
        };
        Square::from_fn(pattern.len(), |i, j| {
            let (a, b) = (line(pattern[i]), line(pattern[j]));
            let own = if i == j { sd * sd } else { Dual::ZERO };
            part(a.0 * b.0 + a.1 * b.1 + own)
        })
    }
}

impl CovarianceModel<Vec<u64>> for Effects {
    fn parameters(&self) -> usize {
        if self.slopes { 4 } else { 2 }
    }

    fn covariance(&self, pattern: &Vec<u64>, theta: &[f64]) -> Square {
        let theta: Vec<Dual> = theta.iter().map(|&t| Dual::constant(t)).collect();
        self.entries(pattern, &theta, |entry| entry.value)
    }

    fn first(&self, pattern: &Vec<u64>, theta: &[f64], i: usize) -> Square {
        self.entries(pattern, &Dual::parameters(theta, i, i), |entry| entry.first)
    }

    fn second(&self, pattern: &Vec<u64>, theta: &[f64], i: usize, j: usize) -> Square {
        self.entries(pattern, &Dual::parameters(theta, i, j), |entry| entry.both)
    }
}

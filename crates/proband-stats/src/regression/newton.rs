//! The maximum of a concave log-likelihood, by Newton's method with halved steps.

use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;

/// Newton's method converges quadratically near the maximum; more rounds than this mean that there
/// is none.
const MAX_ROUNDS: usize = 30;

const MAX_HALVINGS: usize = 30;

/// A slope per standard deviation that grew this far without settling runs off to infinity.
const RUNAWAY: f64 = 6.0;

/// The step still to go, squared and in units of standard errors. Below this one more step leaves
/// nothing that could be seen in a double.
const CONVERGED: f64 = 1e-14;

/// A pivot that keeps less than this share of its diagonal marks a redundant column.
const COLLINEAR: f64 = 1e-11;

/// How far the log-likelihood may fall by rounding alone, relative to its size.
const ROUNDING: f64 = 1e-11;

/// A log-likelihood at one place, with its gradient and its information (the lower half).
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) value: f64,
    pub(crate) score: Vec<f64>,
    pub(crate) information: Square,
}

/// Where the likelihood is greatest, and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Maximum {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
    /// The inverse information at the maximum.
    pub(crate) covariance: Square,
    /// The log-likelihood at the start.
    pub(crate) start_value: f64,
    /// U' I^-1 U at the start: the score test of the start.
    pub(crate) start_score: f64,
}

/// Maximises from `start`. A singular information there is the design's fault and names its column;
/// one met later means that the coefficients run away.
pub(crate) fn maximise(start: Vec<f64>, evaluate: impl Fn(&[f64]) -> Local) -> Result<Maximum> {
    let mut here = evaluate(&start);
    let mut at = start;
    let (start_value, mut start_score) = (here.value, 0.0);
    for round in 0..MAX_ROUNDS {
        let factor = here.information.cholesky(COLLINEAR);
        let factor = factor.map_err(|e| if round == 0 { e } else { StatsError::Separated })?;
        let step = factor.solve_both(&here.score);
        let left: f64 = step.iter().zip(&here.score).map(|(s, u)| s * u).sum();
        if round == 0 {
            start_score = left;
        }
        (at, here) = advance(&at, &here, &step, &evaluate)?;
        if left < CONVERGED {
            let factor = here.information.cholesky(COLLINEAR);
            let covariance = factor.map_err(|_| StatsError::Separated)?.inverse();
            return Ok(Maximum { at, value: here.value, covariance, start_value, start_score });
        }
    }
    Err(no_maximum(&at))
}

/// The longest of step, step/2, step/4, ... that does not lower the likelihood.
fn advance(
    at: &[f64],
    here: &Local,
    step: &[f64],
    evaluate: impl Fn(&[f64]) -> Local,
) -> Result<(Vec<f64>, Local)> {
    let floor = here.value - ROUNDING * (1.0 + here.value.abs());
    let mut share = 1.0;
    for _ in 0..MAX_HALVINGS {
        let next: Vec<f64> = at.iter().zip(step).map(|(b, s)| b + share * s).collect();
        let there = evaluate(&next);
        if there.value >= floor {
            return Ok((next, there));
        }
        share *= 0.5;
    }
    Err(no_maximum(at))
}

/// A likelihood that rises for ever shows in slopes that never settle.
fn no_maximum(at: &[f64]) -> StatsError {
    if at.iter().any(|b| b.abs() > RUNAWAY) {
        return StatsError::Separated;
    }
    StatsError::DidNotConverge { iterations: MAX_ROUNDS }
}

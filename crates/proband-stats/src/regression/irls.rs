//! Generalised linear models with an intercept by Fisher scoring, which is Newton's method with
//! the expected information (iteratively reweighted least squares).
//!
//! P. McCullagh & J. A. Nelder, *Generalized Linear Models*, 2nd ed., section 2.5.

use super::newton::{Local, Maximum, maximise};
use super::{Standardised, counted_without_intercept};
use crate::error::Result;
use crate::linear::matrix::Square;

/// What one row contributes at its linear predictor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored {
    /// Derivative of the log-likelihood by the linear predictor.
    pub(crate) score: f64,
    /// Expected information on the linear predictor.
    pub(crate) weight: f64,
    /// Log-likelihood, up to a constant.
    pub(crate) log_likelihood: f64,
}

/// A response with its distribution and link: what row `row` says at linear predictor `eta`.
pub(crate) trait Family {
    fn scored(&self, row: usize, eta: f64) -> Scored;
}

/// Maximises the likelihood from `start`, intercept first, on the standardised scale.
pub(crate) fn fit(
    design: &Standardised,
    rows: usize,
    family: &impl Family,
    start: Vec<f64>,
) -> Result<Maximum> {
    maximise(start, |beta| evaluate(design, rows, family, beta))
        .map_err(counted_without_intercept)
}

/// The linear predictor of a row.
pub(crate) fn predictor(design: &Standardised, index: usize, beta: &[f64]) -> f64 {
    beta[0] + design.row(index).iter().zip(&beta[1..]).map(|(x, b)| x * b).sum::<f64>()
}

/// Each row's derivative of the log-likelihood by its linear predictor.
pub(crate) fn scores(
    design: &Standardised,
    rows: usize,
    family: &impl Family,
    beta: &[f64],
) -> Vec<f64> {
    (0..rows).map(|k| family.scored(k, predictor(design, k, beta)).score).collect()
}

pub(crate) fn evaluate(
    design: &Standardised,
    rows: usize,
    family: &impl Family,
    beta: &[f64],
) -> Local {
    let size = beta.len();
    let mut here =
        Local { value: 0.0, score: vec![0.0; size], information: Square::zeros(size) };
    for index in 0..rows {
        let row = design.row(index);
        let eta = predictor(design, index, beta);
        let scored = family.scored(index, eta);
        here.value += scored.log_likelihood;
        here.score[0] += scored.score;
        here.information.add(0, 0, scored.weight);
        for (i, x) in row.iter().enumerate() {
            here.score[i + 1] += x * scored.score;
            let weighted = x * scored.weight;
            here.information.add(i + 1, 0, weighted);
            for (j, y) in row[..=i].iter().enumerate() {
                here.information.add(i + 1, j + 1, weighted * y);
            }
        }
    }
    here
}

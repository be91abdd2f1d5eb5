//! Robust standard errors of generalised linear models.

use super::Standardised;
use crate::linear::matrix::Square;

/// A^-1 (sum of u^2 x x') A^-1, A^-1 the inverse information and u the derivative of a row's
/// log-likelihood by its linear predictor (P. J. Huber 1967; HC0 of R's sandwich), on the original
/// scale.
pub(crate) fn sandwich(design: &Standardised, scores: &[f64], inverse: &Square) -> Square {
    let mut meat = Square::zeros(inverse.size());
    for (index, score) in scores.iter().enumerate() {
        let row = [&[1.0], design.row(index)].concat();
        meat.add_outer(&inverse.times(&row), score * score);
    }
    design.covariance_with_intercept(&meat)
}

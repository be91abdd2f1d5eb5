//! Those who were observed stand for those who were not.

use crate::checks::{all_finite, at_least, none_negative, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, Reference};
use crate::regression::logistic;

/// For each row 1 / P(observed), by logistic regression on `columns` that are known for all; zero for rows
/// that were not observed.
///
/// Where everyone was observed all weights are 1. Fails where the regression does: with
/// [`StatsError::Separated`] where a column tells who is missing, so that nobody can stand for them.
pub fn inverse_probability_weights(columns: &[&[f64]], observed: &[bool]) -> Result<Vec<f64>> {
    at_least(1, observed.len())?;
    if observed.iter().all(|&o| o) {
        return Ok(vec![1.0; observed.len()]);
    }
    let fit = logistic(columns, observed)?;
    let weight = |(row, &seen): (usize, &bool)| {
        let values: Vec<f64> = columns.iter().map(|c| c[row]).collect();
        Ok(if seen { 1.0 / fit.probability(&values)? } else { 0.0 })
    };
    observed.iter().enumerate().map(weight).collect()
}

/// The difference of weighted means, active less control, with the robust standard error that takes the
/// weights for known (which is conservative where they were estimated: J. M. Robins, A. Rotnitzky & L. P.
/// Zhao, JASA 89, 1994).
///
/// Rows of weight zero may hold any value, NaN included. Fails for negative weights, below two rows with weight
/// in either arm ([`StatsError::TooFew`]) and without variation.
pub fn weighted_difference(
    values: &[f64],
    active: &[bool],
    weights: &[f64],
    level: Level,
) -> Result<Effect> {
    same_length(values.len(), active.len())?;
    same_length(values.len(), weights.len())?;
    none_negative(weights)?;
    let (first, second) =
        (Arm::of(values, active, weights, true)?, Arm::of(values, active, weights, false)?);
    let se = (first.variance + second.variance).sqrt();
    Effect::wald(first.mean - second.mean, se, Reference::Normal, level)
}

/// A weighted mean with its variance.
struct Arm {
    mean: f64,
    variance: f64,
}

impl Arm {
    fn of(values: &[f64], active: &[bool], weights: &[f64], which: bool) -> Result<Self> {
        let own: Vec<(f64, f64)> = (0..values.len())
            .filter(|&k| active[k] == which && weights[k] > 0.0)
            .map(|k| (values[k], weights[k]))
            .collect();
        at_least(2, own.len())?;
        all_finite(&own.iter().map(|(v, _)| *v).collect::<Vec<_>>())?;
        let total: f64 = own.iter().map(|(_, w)| w).sum();
        let mean = own.iter().map(|(v, w)| v * w).sum::<f64>() / total;
        let spread = own.iter().map(|(v, w)| (w * (v - mean)) * (w * (v - mean))).sum::<f64>();
        if !spread.is_finite() {
            return Err(StatsError::Overflow);
        }
        Ok(Self { mean, variance: spread / (total * total) })
    }
}

//! The largest of several weighted log-rank tests.

use super::logrank::{check, for_each_event_time};
use super::{FollowUp, LogRankWeights};
use crate::checks::{at_least, index_below};
use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;
use crate::special::rectangle;

/// Several weighted log-rank tests and their joint p-values.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxCombo {
    /// The statistics, negative where the active group has fewer events than expected.
    pub z: Vec<f64>,
    correlation: Square,
    /// The probability that the smallest is as small as here: against fewer events in the active group.
    pub p_less: f64,
    /// The probability that the largest in size is as large as here.
    pub p_two_sided: f64,
}

impl MaxCombo {
    /// The correlation of two of the statistics under the null hypothesis.
    pub fn correlation(&self, row: usize, column: usize) -> Result<f64> {
        index_below(self.z.len(), row)?;
        index_below(self.z.len(), column)?;
        Ok(self.correlation.at(row, column))
    }
}

/// MaxCombo with any weights, in strata or without (`strata` all equal): sums of w_a w_b v over event times
/// are the covariances (T. Karrison, Stata Journal 16, 2016; P. Roychoudhury et al., Statistics in
/// Biopharmaceutical Research 15, 2023). The joint tail is integrated, not simulated.
///
/// Fails as [`logrank`](super::logrank) does, and without weights.
pub fn max_combo(
    follow_up: &FollowUp<'_>,
    active: &[bool],
    strata: &[usize],
    weights: &[LogRankWeights],
) -> Result<MaxCombo> {
    check(follow_up, active, strata)?;
    let count = weights.len();
    at_least(1, count)?;
    let mut scores = vec![0.0; count];
    let mut covariance = Square::zeros(count);
    for_each_event_time(follow_up, active, strata, |at| {
        let w: Vec<f64> = weights.iter().map(|weight| weight.at(at)).collect();
        let (excess, variance) = (at.excess(), at.variance());
        for (a, wa) in w.iter().enumerate() {
            scores[a] += wa * excess;
            for (b, wb) in w.iter().enumerate() {
                covariance.add(a, b, wa * wb * variance);
            }
        }
    });
    let sds: Vec<f64> = (0..count).map(|a| covariance.at(a, a).sqrt()).collect();
    // Weights that overflow leave an infinity or a NaN here.
    if !sds.iter().all(|sd| *sd > 0.0 && sd.is_finite()) {
        return Err(StatsError::ZeroVariance);
    }
    let z: Vec<f64> = scores.iter().zip(&sds).map(|(u, sd)| u / sd).collect();
    let correlation = Square::from_fn(count, |a, b| covariance.at(a, b) / (sds[a] * sds[b]));
    let smallest = z.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = z.iter().map(|z| z.abs()).fold(0.0, f64::max);
    let all =
        |low: f64, high: f64| rectangle(&vec![low; count], &vec![high; count], &correlation);
    Ok(MaxCombo {
        p_less: (1.0 - all(smallest, f64::INFINITY)?).clamp(0.0, 1.0),
        p_two_sided: (1.0 - all(-largest, largest)?).clamp(0.0, 1.0),
        z,
        correlation,
    })
}

//! Skewness, kurtosis, the harmonic mean, and areas under curves.

use super::present;
use crate::checks::{
    all_finite, all_positive, at_least, mean, not_overflown, same_length, sum,
};
use crate::error::{Result, StatsError};

/// The third and fourth standardised moments of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// g1 = m3 / m2^(3/2), moments with divisor n.
    pub skewness: f64,
    /// sqrt(n(n-1))/(n-2) g1: SAS and Excel. None below three values.
    pub skewness_unbiased: Option<f64>,
    /// (n-1)/((n-2)(n-3)) ((n+1) g2 + 6) with g2 = m4/m2^2 - 3: SAS and Excel. None below four values.
    pub excess_kurtosis: Option<f64>,
}

/// Skewness and kurtosis (D. N. Joanes & C. A. Gill, The Statistician 47, 1998, types 1 and 2). NaN is
/// missing. Fails below two values and where all are equal.
pub fn shape(values: &[f64]) -> Result<Shape> {
    let present = present(values)?;
    at_least(2, present.len())?;
    let n = present.len() as f64;
    let centre = mean(&present)?;
    let largest = present.iter().map(|v| (v - centre).abs()).fold(0.0, f64::max);
    if not_overflown(largest)? <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    // Deviations are scaled so that no power overflows.
    let moment =
        |power: i32| sum(present.iter().map(|v| ((v - centre) / largest).powi(power))) / n;
    let m2 = moment(2);
    let skewness = moment(3) / (m2 * m2.sqrt());
    let excess = moment(4) / (m2 * m2) - 3.0;
    Ok(Shape {
        skewness,
        skewness_unbiased: (n > 2.0).then(|| (n * (n - 1.0)).sqrt() / (n - 2.0) * skewness),
        excess_kurtosis: (n > 3.0)
            .then(|| (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0)),
    })
}

/// n / sum(1/x) of positive values. NaN is missing.
pub fn harmonic_mean(values: &[f64]) -> Result<f64> {
    let present = present(values)?;
    all_positive(&present)?;
    not_overflown(present.len() as f64 / sum(present.iter().map(|v| 1.0 / v)))
}

/// The area under a curve through points in order of time, by the linear trapezoidal rule.
///
/// Fails below two points and for times that do not increase.
pub fn trapezoid(times: &[f64], values: &[f64]) -> Result<f64> {
    same_length(times.len(), values.len())?;
    at_least(2, times.len())?;
    all_finite(times)?;
    all_finite(values)?;
    if let Some(k) = (1..times.len()).find(|&k| times[k] <= times[k - 1]) {
        return Err(StatsError::OutOfRange { value: times[k] });
    }
    let slice = |k: usize| (times[k] - times[k - 1]) * 0.5 * (values[k] + values[k - 1]);
    not_overflown(sum((1..times.len()).map(slice)))
}

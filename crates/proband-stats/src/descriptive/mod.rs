//! Descriptive statistics. NaN means missing here: it is counted and left out.

mod geometric;
mod moments;
mod quantiles;
mod selection;
mod shape;

pub use geometric::{Geometric, GeometricMoments, geometric};
pub use moments::Moments;
pub use quantiles::{QuantileRule, quantile, quantiles};
pub use selection::Selection;
pub use shape::{Shape, harmonic_mean, shape, trapezoid};

use crate::checks::{all_finite, at_least, mean, not_overflown, sum};
use crate::error::{Result, StatsError};
use crate::estimate::{Estimate, Level, Reference};

/// What a table of a continuous variable shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The number of values present.
    pub n: usize,
    /// The number missing.
    pub missing: usize,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation with divisor n - 1; none for a single value.
    pub sd: Option<f64>,
    /// The smallest value.
    pub min: f64,
    /// The lower quartile by the rule asked for.
    pub q1: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile by the rule asked for.
    pub q3: f64,
    /// The largest value.
    pub max: f64,
}

/// Summarises a column. Fails if nothing is present or a value is infinite.
pub fn summary(values: &[f64], rule: QuantileRule) -> Result<Summary> {
    let mut present = present(values)?;
    let n = present.len();
    let centre = mean(&present)?;
    let sd = if n > 1 { Some(variance(&present)?.sqrt()) } else { None };
    let at = quantiles(&mut present, &[0.0, 0.25, 0.5, 0.75, 1.0], rule)?;
    Ok(Summary {
        n,
        missing: values.len() - n,
        mean: centre,
        sd,
        min: at[0],
        q1: at[1],
        median: at[2],
        q3: at[3],
        max: at[4],
    })
}

/// The mean with its standard error s/sqrt(n) and t interval on n - 1 degrees of freedom.
///
/// For equal values the standard error is zero and the interval is the point. Fails below two values.
pub fn mean_estimate(values: &[f64], level: Level) -> Result<Estimate> {
    let present = present(values)?;
    let n = present.len() as f64;
    let se = (variance(&present)? / n).sqrt();
    Reference::T { df: n - 1.0 }.estimate(mean(&present)?, se, level)
}

/// [`mean_estimate`] from a streamed summary.
pub fn mean_estimate_from_moments(moments: &Moments, level: Level) -> Result<Estimate> {
    let df = moments.n() as f64 - 1.0;
    Reference::T { df }.estimate(moments.mean()?, moments.se()?, level)
}

/// The values that are not NaN, at least one, all finite.
fn present(values: &[f64]) -> Result<Vec<f64>> {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    at_least(1, present.len())?;
    if all_finite(&present).is_err() {
        // The position in the caller's column, where the missing values still are.
        let index = values.iter().position(|v| v.is_infinite()).unwrap_or(0);
        return Err(StatsError::NotFinite { index });
    }
    Ok(present)
}

/// The two-pass variance with divisor n - 1 and the correction of Chan, Golub & LeVeque (The
/// American Statistician 37, 1983, eq. 1.7) for the rounding of the mean.
pub(crate) fn variance(values: &[f64]) -> Result<f64> {
    at_least(2, values.len())?;
    let n = values.len() as f64;
    let centre = mean(values)?;
    let squares = sum(values.iter().map(|v| (v - centre) * (v - centre)));
    let drift = sum(values.iter().map(|v| v - centre));
    // Checked before `max`, which would turn a NaN into zero.
    Ok(not_overflown((squares - drift * drift / n) / (n - 1.0))?.max(0.0))
}

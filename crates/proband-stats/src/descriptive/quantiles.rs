//! Exact quantiles by selection, which is linear in the number of values.

use crate::checks::{all_finite, at_least};
use crate::error::{Result, StatsError};

/// How a quantile between two values is read off, by the numbers of Hyndman & Fan, "Sample
/// quantiles in statistical packages", The American Statistician 50 (1996).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileRule {
    /// Type 7, linear between order statistics at (n-1)p: the default of R and NumPy.
    Linear,
    /// Type 2, the inverse of the distribution function, averaged at its steps: the default of SAS
    /// (PCTLDEF=5).
    Averaged,
    /// Type 6, linear between order statistics at (n+1)p: the default of SPSS and Minitab.
    Expected,
}

/// Rounding in n p must not be taken for a fraction (R uses the same guard, 4 machine epsilons).
const FUZZ: f64 = 4.0 * f64::EPSILON;

/// The quantile of probability `p` by `rule`; the buffer is left partly sorted.
///
/// Fails on an empty buffer, a value that is not finite, or `p` outside 0..=1.
pub fn quantile(buffer: &mut [f64], p: f64, rule: QuantileRule) -> Result<f64> {
    Ok(quantiles(buffer, &[p], rule)?[0])
}

/// The quantiles of several probabilities, each by selection; the buffer is left partly sorted.
pub fn quantiles(buffer: &mut [f64], ps: &[f64], rule: QuantileRule) -> Result<Vec<f64>> {
    at_least(1, buffer.len())?;
    all_finite(buffer)?;
    ps.iter().map(|&p| one(buffer, p, rule)).collect()
}

fn one(buffer: &mut [f64], p: f64, rule: QuantileRule) -> Result<f64> {
    let place = place(buffer.len() as u64, p, rule)?;
    Ok(between(buffer, place.index as usize, place.fraction))
}

/// Where a quantile lies among sorted values: `fraction` of the way from the value at `index`,
/// counted from zero, to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) index: u64,
    pub(super) fraction: f64,
}

/// The place of the quantile of probability `p` among `n` values, at least one.
pub(super) fn place(n: u64, p: f64, rule: QuantileRule) -> Result<Place> {
    if !(0.0..=1.0).contains(&p) {
        return Err(StatsError::OutOfRange { value: p });
    }
    let (index, fraction) = match rule {
        QuantileRule::Linear => split((n - 1) as f64 * p),
        QuantileRule::Averaged => match split(n as f64 * p) {
            (count, fraction) if fraction > 0.0 => (count, 0.0),
            (0, _) => (0, 0.0),
            (count, _) => (count - 1, 0.5),
        },
        QuantileRule::Expected => match split((n + 1) as f64 * p) {
            (0, _) => (0, 0.0),
            (count, fraction) => (count - 1, fraction),
        },
    };
    // At the last value there is no next one.
    if index >= n - 1 {
        return Ok(Place { index: n - 1, fraction: 0.0 });
    }
    Ok(Place { index, fraction })
}

/// Whole part and fraction, where a fraction of a few roundings is none.
fn split(place: f64) -> (u64, f64) {
    let whole = (place + FUZZ * place.max(1.0)).floor();
    let fraction = place - whole;
    let noise = FUZZ * place.max(1.0);
    (whole as u64, if fraction <= noise { 0.0 } else { fraction })
}

/// (1 - fraction) x_(index) + fraction x_(index + 1), counted from zero.
fn between(buffer: &mut [f64], index: usize, fraction: f64) -> f64 {
    let (_, &mut low, above) = buffer.select_nth_unstable_by(index, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp);
    match next {
        Some(high) if fraction > 0.0 => low + fraction * (high - low),
        _ => low,
    }
}

//! Solving monotone equations: Newton's step where it stays inside the bracket, else bisection.

use crate::error::{Result, StatsError};

/// Bisection alone halves a bracket of doubles to neighbouring numbers in fewer steps than this.
const MAX_STEPS: usize = 2200;

/// Finds x in `[lower, upper]` with `tail(x) = target`, for a decreasing `tail` with derivative
/// `-density(x)`. Works on logarithms, in which tails are nearly straight.
pub(super) fn invert_upper_tail(
    target: f64,
    (lower, upper): (f64, f64),
    start: f64,
    tail: impl Fn(f64) -> Result<f64>,
    density: impl Fn(f64) -> f64,
) -> Result<f64> {
    let (mut low, mut high) = (lower, upper);
    let mut x = start.clamp(low, high);
    for _ in 0..MAX_STEPS {
        let at = tail(x)?;
        if at > target {
            low = x;
        } else {
            high = x;
        }
        let step = at * super::ln(at / target) / density(x);
        let newton = x + step;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= f64::EPSILON * x.abs() || high - low <= f64::EPSILON * low.abs()
        {
            return Ok(next);
        }
        x = next;
    }
    Err(StatsError::DidNotConverge { iterations: MAX_STEPS })
}

/// Finds where `f`, positive below and not above, changes sign in `(lower, upper)`, to the last
/// digit. The ends themselves are never tried; without a change of sign the answer is the end the
/// sign points to.
pub(crate) fn bisect_decreasing(lower: f64, upper: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (lower, upper);
    let (mut positive_seen, mut negative_seen) = (false, false);
    for _ in 0..MAX_STEPS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) > 0.0 {
            (low, positive_seen) = (middle, true);
        } else {
            (high, negative_seen) = (middle, true);
        }
    }
    match (positive_seen, negative_seen) {
        (true, false) => upper,
        (false, true) => lower,
        _ => low,
    }
}

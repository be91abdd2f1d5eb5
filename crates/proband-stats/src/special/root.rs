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

/// The x in `[lower, upper]` with f(x) = 0, for a continuous `f` of different signs at the ends, by
/// inverse quadratic steps guarded by bisection (T. R. Chandrupatla, Advances in Engineering Software
/// 28, 1997). Fails with [`StatsError::NoSolution`] where the signs are the same.
pub(crate) fn root(lower: f64, upper: f64, f: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    const STEPS: usize = 200;
    let (mut a, mut b) = (upper, lower);
    let (mut fa, mut fb) = (f(a)?, f(b)?);
    // A NaN is no change of sign.
    if fa.is_nan() || fb.is_nan() || fa.signum() * fb.signum() > 0.0 && fa != 0.0 && fb != 0.0 {
        return Err(StatsError::NoSolution);
    }
    let mut share = 0.5;
    for _ in 0..STEPS {
        let x = a + share * (b - a);
        let fx = f(x)?;
        let (c, fc);
        if (fx > 0.0) == (fa > 0.0) {
            (c, fc) = (a, fa);
        } else {
            (c, fc) = (b, fb);
            (b, fb) = (a, fa);
        }
        (a, fa) = (x, fx);
        let (best, at) = if fa.abs() < fb.abs() { (a, fa) } else { (b, fb) };
        let limit = 0.5 * (4.0 * f64::EPSILON * best.abs() + f64::MIN_POSITIVE) / (b - a).abs();
        if limit > 0.5 || at == 0.0 {
            return Ok(best);
        }
        share = interpolated([a, b, c], [fa, fb, fc]).clamp(limit, 1.0 - limit);
    }
    Err(StatsError::DidNotConverge { iterations: STEPS })
}

/// Where on the way from a to b the inverse parabola through three points has its root, or half way
/// where that parabola is not to be trusted.
fn interpolated([a, b, c]: [f64; 3], [fa, fb, fc]: [f64; 3]) -> f64 {
    let xi = (a - b) / (c - b);
    let phi = (fa - fb) / (fc - fb);
    if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
        fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    } else {
        0.5
    }
}

/// Finds where `f`, positive below and not above, changes sign in `(lower, upper)`, to the last
/// digit. The ends themselves are never tried; without a change of sign the answer is the end the
/// sign points to.
pub(crate) fn bisect_decreasing(lower: f64, upper: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
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

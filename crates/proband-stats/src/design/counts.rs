//! Comparisons of rates of events that recur.

use super::{Goal, Sizes, effect_and_ratio};
use crate::checks::{none_negative, positive, probability};
use crate::error::Result;
use crate::special::{ln, normal_lower, normal_quantile_upper};

/// Variances of one participant's log rate in the active and the control arm: 1/(t r) + k.
fn variances(control: f64, rate_ratio: f64, dispersion: f64, time: f64) -> Result<[f64; 2]> {
    let expected = positive(positive(control)? * positive(time)?)?;
    none_negative(&[dispersion])?;
    Ok([1.0 / (expected * positive(rate_ratio)?) + dispersion, 1.0 / expected + dispersion])
}

/// The size of a trial that compares negative binomial rates (variance mean + `dispersion` mean^2;
/// Poisson for 0) over `time`, by H. Zhu & H. Lakkis, Statistics in Medicine 33 (2014), with the variance
/// under the alternative: control (z_a + z_b)^2 (v_1 / r + v_0) / ln(rate ratio)^2.
pub fn negative_binomial_size(
    control: f64,
    rate_ratio: f64,
    dispersion: f64,
    time: f64,
    ratio: f64,
    goal: Goal,
) -> Result<Sizes> {
    let [active, reference] = variances(control, rate_ratio, dispersion, time)?;
    let log = ln(rate_ratio);
    effect_and_ratio(log, ratio)?;
    let (za, zb) = goal.deviates()?;
    let z = (za + zb) / log;
    Ok(Sizes::of(z * z * (active / ratio + reference), ratio))
}

/// The power of that comparison with these sizes, one-sided `alpha`, in the direction of the effect.
pub fn negative_binomial_power(
    control: f64,
    rate_ratio: f64,
    dispersion: f64,
    time: f64,
    sizes: Sizes,
    alpha: f64,
) -> Result<f64> {
    let [active, reference] = variances(control, rate_ratio, dispersion, time)?;
    probability(2.0 * alpha)?;
    let variance = active / positive(sizes.active)? + reference / positive(sizes.control)?;
    let z = ln(rate_ratio).abs() / variance.sqrt();
    Ok(normal_lower(z - normal_quantile_upper(alpha)?))
}

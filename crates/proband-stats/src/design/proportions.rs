//! Comparisons of proportions.

use super::{Goal, Sizes, effect_and_ratio};
use crate::checks::{positive, probability};
use crate::error::{Result, StatsError};
use crate::special::bisect_decreasing;

/// How the size of a trial with a binary endpoint is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProportionFormula {
    /// Variance pooled under the null hypothesis (J. Fleiss, *Statistical Methods for Rates and
    /// Proportions*, eq. 4.14); R's `power.prop.test`, rpact.
    Pooled,
    /// The variance under the alternative for both errors.
    Unpooled,
    /// [`Self::Pooled`] with Fleiss' correction for continuity (eq. 4.15).
    ContinuityCorrected,
    /// Differences of arcsines (J. Cohen's h).
    Arcsine,
}

/// The size of a trial that compares two proportions, `ratio` active for each control.
pub fn proportions_size(
    active: f64,
    control: f64,
    ratio: f64,
    formula: ProportionFormula,
    goal: Goal,
) -> Result<Sizes> {
    probability(active)?;
    probability(control)?;
    let difference = active - control;
    effect_and_ratio(difference, ratio)?;
    let (za, zb) = goal.deviates()?;
    let pooled = || {
        let mean = (ratio * active + control) / (1.0 + ratio);
        by_variances([mean, mean], [active, control], difference, ratio, (za, zb))
    };
    let n = match formula {
        ProportionFormula::Pooled => pooled(),
        ProportionFormula::Unpooled => {
            let p = [active, control];
            by_variances(p, p, difference, ratio, (za, zb))
        }
        ProportionFormula::ContinuityCorrected => {
            let n = pooled();
            let inner = 1.0 + 2.0 * (ratio + 1.0) / (n * ratio * difference.abs());
            0.25 * n * (1.0 + inner.sqrt()) * (1.0 + inner.sqrt())
        }
        ProportionFormula::Arcsine => {
            let h = 2.0 * (libm::asin(active.sqrt()) - libm::asin(control.sqrt()));
            (1.0 + 1.0 / ratio) * ((za + zb) / h) * ((za + zb) / h)
        }
    };
    Ok(Sizes::of(n, ratio))
}

/// Controls: (z_a s_0 + z_b s_1)^2 / d^2 with s^2 = p_1 q_1 / r + p_2 q_2.
fn by_variances(
    null: [f64; 2],
    alternative: [f64; 2],
    distance: f64,
    ratio: f64,
    (za, zb): (f64, f64),
) -> f64 {
    let sd = |[active, control]: [f64; 2]| {
        (active * (1.0 - active) / ratio + control * (1.0 - control)).sqrt()
    };
    let z = (za * sd(null) + zb * sd(alternative)) / distance;
    z * z
}

/// The variance that a test of a margin uses under its null hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullVariance {
    /// As under the alternative: the simple formula.
    Alternative,
    /// By the maximum likelihood under the null hypothesis (C. Farrington & G. Manning, Statistics in
    /// Medicine 9, 1990): rpact.
    Restricted,
}

/// The size that shows `active` - `control` > -`margin` (non-inferiority for positive margins, superiority
/// by a margin for negative ones).
pub fn margin_size(
    active: f64,
    control: f64,
    margin: f64,
    ratio: f64,
    variance: NullVariance,
    goal: Goal,
) -> Result<Sizes> {
    probability(active)?;
    probability(control)?;
    let distance = active - control + margin;
    effect_and_ratio(distance, ratio)?;
    let p = [active, control];
    let null = match variance {
        NullVariance::Alternative => p,
        NullVariance::Restricted => restricted(p, -margin, ratio)?,
    };
    let n = by_variances(null, p, distance, positive(ratio)?, goal.deviates()?);
    Ok(Sizes::of(n, ratio))
}

/// The proportions nearest in likelihood to `p` that differ by exactly `difference`: the root of the
/// score, which falls with the control proportion.
fn restricted([active, control]: [f64; 2], difference: f64, ratio: f64) -> Result<[f64; 2]> {
    if difference.abs() >= 1.0 {
        return Err(StatsError::OutOfRange { value: difference });
    }
    let (low, high) = ((-difference).max(0.0), (1.0 - difference).min(1.0));
    let pc = bisect_decreasing(low, high, |pc| {
        let pa = pc + difference;
        ratio * (active - pa) * pc * (1.0 - pc) + (control - pc) * pa * (1.0 - pa)
    });
    Ok([pc + difference, pc])
}

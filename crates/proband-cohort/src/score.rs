//! Standard normal scores: many at once, and within bounds.

use proband_math::vector::{Vector, apply};
use proband_math::{dispatch, functions, normal_cdf, normal_quantile};

#[inline(always)]
fn normal_quantiles_body<V: Vector>(uniforms: &[f64], scores: &mut [f64]) {
    apply::<V>(
        uniforms,
        scores,
        #[inline(always)]
        |u: V| functions::normal_quantile(u),
        #[inline(always)]
        |u: f64| functions::normal_quantile(u),
    );
}

dispatch! {
    /// The standard normal score of each uniform number.
    pub(crate) fn normal_quantiles<'a>(
        uniforms: &'a [f64],
        scores: &'a mut [f64],
    ) = normal_quantiles_body;
}

/// The score between `low` and `high` that has the rank, among the scores there, that `score` has
/// among all. NaN where no probability lies between them.
///
/// One draw, never redrawn: with `F` the standard normal distribution function this is the score of
/// `F(low) + F(score) (F(high) - F(low))`, taken from the side that has the more digits.
pub(crate) fn score_within(score: f64, low: f64, high: f64) -> f64 {
    let (below, above) = (normal_cdf(low), normal_cdf(-high));
    let within = if low >= 0.0 {
        normal_cdf(-low) - above
    } else if high <= 0.0 {
        normal_cdf(high) - below
    } else {
        1.0 - below - above
    };
    let has_room = low < high && within > 0.0;
    if !has_room {
        return f64::NAN;
    }
    let tail = normal_cdf(-score.abs());
    let (lower, upper) = if score <= 0.0 { (tail, 1.0 - tail) } else { (1.0 - tail, tail) };
    let (p, q) = (below + lower * within, above + upper * within);
    let inside = if p <= q { normal_quantile(p) } else { -normal_quantile(q) };
    inside.clamp(low, high)
}

//! Intervals for one proportion.

use super::Proportion;
use crate::error::{Result, StatsError};
use crate::estimate::{Interval, Level};
use crate::special::{
    beta_quantile_lower, beta_quantile_upper, binomial_pmf, binomial_tails, binomial_two_sided,
    bisect_decreasing,
};

/// The exact interval: Beta quantiles B(a/2; x, n-x+1) and B(1-a/2; x+1, n-x), with 0 and 1 where
/// x is 0 or n (C. J. Clopper & E. S. Pearson, Biometrika 26, 1934).
pub fn clopper_pearson(proportion: Proportion, level: Level) -> Result<Interval> {
    let (x, rest) = (proportion.x(), proportion.without() as f64);
    let tail = level.tail();
    let lower = if x == 0.0 { 0.0 } else { beta_quantile_lower(tail, x, rest + 1.0)? };
    let upper = if rest == 0.0 { 1.0 } else { beta_quantile_upper(tail, x + 1.0, rest)? };
    Ok(Interval { lower, upper })
}

/// The score interval (E. B. Wilson, JASA 22, 1927): the proportions that a score test does not
/// reject, (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
pub fn wilson(proportion: Proportion, level: Level) -> Result<Interval> {
    Ok(wilson_at(proportion, level.z()?))
}

/// [`wilson`] at a normal quantile.
pub(super) fn wilson_at(proportion: Proportion, z: f64) -> Interval {
    let (n, p) = (proportion.n(), proportion.value());
    let share = z * z / n;
    let centre = p + 0.5 * share;
    let half = z * (proportion.variance() + share / (4.0 * n)).sqrt();
    let ends = |value: f64| value / (1.0 + share);
    Interval {
        lower: if proportion.events() == 0 { 0.0 } else { ends(centre - half).max(0.0) },
        upper: if proportion.without() == 0 { 1.0 } else { ends(centre + half).min(1.0) },
    }
}

/// p -+ z sqrt(p(1-p)/n), not cut at 0 and 1: for comparison only, since it covers far less than it
/// says for small samples and extreme proportions.
pub fn wald(proportion: Proportion, level: Level) -> Result<Interval> {
    let half = level.z()? * proportion.variance().sqrt();
    Ok(Interval { lower: proportion.value() - half, upper: proportion.value() + half })
}

/// The score interval with continuity correction 1/(2n) (R. G. Newcombe, Statistics in Medicine 17,
/// 1998, 857-872, method 4).
pub fn wilson_corrected(proportion: Proportion, level: Level) -> Result<Interval> {
    let z = level.z()?;
    let (n, p) = (proportion.n(), proportion.value());
    let share = z * z / n;
    let end = |sign: f64| {
        let moved = p + sign * 0.5 / n;
        let spread = (moved * (1.0 - moved) / n + share / (4.0 * n)).max(0.0).sqrt();
        (moved + 0.5 * share + sign * z * spread) / (1.0 + share)
    };
    Ok(Interval {
        lower: if proportion.events() == 0 { 0.0 } else { end(-1.0).max(0.0) },
        upper: if proportion.without() == 0 { 1.0 } else { end(1.0).min(1.0) },
    })
}

/// Wald's interval after adding z^2/2 events and z^2/2 units without one (A. Agresti & B. A. Coull,
/// The American Statistician 52, 1998, 119-126); not cut at 0 and 1.
pub fn agresti_coull(proportion: Proportion, level: Level) -> Result<Interval> {
    let z = level.z()?;
    let n = proportion.n() + z * z;
    let p = (proportion.x() + 0.5 * z * z) / n;
    let half = z * (p * (1.0 - p) / n).sqrt();
    Ok(Interval { lower: p - half, upper: p + half })
}

/// The equal-tailed posterior interval under Jeffreys' prior, Beta(x + 1/2, n - x + 1/2), with 0 and
/// 1 where x is 0 or n (L. D. Brown, T. T. Cai & A. DasGupta, Statistical Science 16, 2001, section 4.3).
pub fn jeffreys(proportion: Proportion, level: Level) -> Result<Interval> {
    let (a, b) = (proportion.x() + 0.5, proportion.without() as f64 + 0.5);
    let (tail, none, all) = (level.tail(), proportion.events() == 0, proportion.without() == 0);
    Ok(Interval {
        lower: if none { 0.0 } else { beta_quantile_lower(tail, a, b)? },
        upper: if all { 1.0 } else { beta_quantile_upper(tail, a, b)? },
    })
}

/// Clopper and Pearson's interval with the observed count weighted by one half: the proportions p
/// with P(X > x) + P(X = x)/2 and P(X < x) + P(X = x)/2 above the tail (H. O. Lancaster, JASA 56, 1961).
pub fn mid_p(proportion: Proportion, level: Level) -> Result<Interval> {
    let (x, n, tail) = (proportion.events(), proportion.total(), level.tail());
    // Beyond 0 and 1 nothing is asked, so that the tails exist.
    let half_above = |p: f64| {
        let at_least = binomial_tails(x, n, p).map_or(f64::NAN, |tails| tails.1);
        at_least - 0.5 * binomial_pmf(x, n, p)
    };
    let half_below = |p: f64| {
        let at_most = binomial_tails(x, n, p).map_or(f64::NAN, |tails| tails.0);
        at_most - 0.5 * binomial_pmf(x, n, p)
    };
    let lower = bisect_decreasing(0.0, 1.0, |p| tail - half_above(p));
    let upper = bisect_decreasing(0.0, 1.0, |p| half_below(p) - tail);
    Ok(Interval {
        lower: if x == 0 { 0.0 } else { lower },
        upper: if x == n { 1.0 } else { upper },
    })
}

/// The exact binomial test of a proportion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinomialTest {
    /// Two-sided: the probability of all counts no more probable than the one observed.
    pub p: f64,
    /// Against the alternative of a larger proportion.
    pub p_greater: f64,
    /// Against the alternative of a smaller proportion.
    pub p_less: f64,
}

/// The exact test that the true proportion is `null`, strictly between 0 and 1.
pub fn binomial_test(proportion: Proportion, null: f64) -> Result<BinomialTest> {
    if !(null > 0.0 && null < 1.0) {
        return Err(StatsError::OutOfRange { value: null });
    }
    let (x, n) = (proportion.events(), proportion.total());
    let (p_less, p_greater) = binomial_tails(x, n, null)?;
    Ok(BinomialTest { p: binomial_two_sided(x, n, null)?, p_greater, p_less })
}

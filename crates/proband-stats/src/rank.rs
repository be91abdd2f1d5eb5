//! Rank tests of two samples, and the shift between them.

use crate::checks::{all_finite, at_least, not_overflown};
use crate::error::{Result, StatsError};
use crate::estimate::{Continuity, Interval, Level, ZTest};
use crate::order::{from_order_key, order_key};

/// Wilcoxon's rank sum test by its normal approximation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSum {
    /// Pairs with x above y, plus half the ties: Mann and Whitney's U of `x`, R's W.
    pub u: f64,
    /// U over the number of pairs: the probability that x is above y, ties halved.
    pub superiority: f64,
    /// Signed z (positive where `x` tends to be larger) and two-sided p-value.
    pub test: ZTest,
}

/// Wilcoxon's rank sum test of `x` against `y` (F. Wilcoxon, Biometrics Bulletin 1, 1945), with the
/// variance corrected for ties. O(n log n).
///
/// Fails for an empty sample, values that are not finite, and where all values are equal.
pub fn rank_sum(x: &[f64], y: &[f64], continuity: Continuity) -> Result<RankSum> {
    check(x, y)?;
    let mut all: Vec<(f64, bool)> =
        x.iter().map(|&v| (v, true)).chain(y.iter().map(|&v| (v, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (m, n) = (x.len() as f64, y.len() as f64);
    let total = m + n;
    let (mut below, mut rank_sum, mut ties) = (0.0, 0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 >= b.0) {
        let t = tied.len() as f64;
        let from_x = tied.iter().filter(|v| v.1).count() as f64;
        rank_sum += from_x * (below + 0.5 * (t + 1.0));
        ties += t * (t * t - 1.0);
        below += t;
    }
    let u = rank_sum - 0.5 * m * (m + 1.0);
    let variance = m * n / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    let gap = u - 0.5 * m * n;
    let step = match continuity {
        Continuity::Uncorrected => 0.0,
        Continuity::Corrected => 0.5_f64.min(gap.abs()).copysign(gap),
    };
    let test = ZTest::new((gap - step) / variance.sqrt());
    Ok(RankSum { u, superiority: u / (m * n), test })
}

/// The Hodges-Lehmann shift: the median of all differences x - y, exact, and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The median of the differences.
    pub value: f64,
    /// The interval of L. E. Moses.
    pub interval: Interval,
}

/// The median of the m n differences between `x` and `y` (J. L. Hodges & E. L. Lehmann, Annals of
/// Mathematical Statistics 34, 1963) with the interval between the C-th smallest and C-th largest
/// difference, C = mn/2 - z sqrt(mn(m+n+1)/12) rounded down, at least 1 (M. Hollander & D. A.
/// Wolfe, *Nonparametric Statistical Methods*, section 4.3).
///
/// Differences are selected, never stored: O((m + n) log) time, O(m + n) memory.
pub fn hodges_lehmann(x: &[f64], y: &[f64], level: Level) -> Result<Shift> {
    check(x, y)?;
    let (mut x, mut y) = (x.to_vec(), y.to_vec());
    x.sort_by(f64::total_cmp);
    y.sort_by(f64::total_cmp);
    let pairs = x.len() as u64 * y.len() as u64;
    let (m, n) = (x.len() as f64, y.len() as f64);
    let reach = level.z()? * (m * n * (m + n + 1.0) / 12.0).sqrt();
    let place = ((0.5 * m * n - reach).floor().max(1.0) as u64).min(pairs);
    let low_middle = not_overflown(difference_at(&x, &y, pairs.div_ceil(2)))?;
    let high_middle = not_overflown(difference_at(&x, &y, pairs / 2 + 1))?;
    Ok(Shift {
        value: low_middle + 0.5 * (high_middle - low_middle),
        interval: Interval {
            lower: not_overflown(difference_at(&x, &y, place))?,
            upper: not_overflown(difference_at(&x, &y, pairs + 1 - place))?,
        },
    })
}

fn check(x: &[f64], y: &[f64]) -> Result<()> {
    at_least(1, x.len())?;
    at_least(1, y.len())?;
    all_finite(x)?;
    all_finite(y)
}

/// The `place`-th smallest difference x_i - y_j of sorted samples, by bisection over the doubles in
/// their order: 64 rounds, each counting the differences up to a value by two pointers.
fn difference_at(x: &[f64], y: &[f64], place: u64) -> f64 {
    let (mut low, mut high) = (order_key(f64::NEG_INFINITY), order_key(f64::INFINITY));
    while low < high {
        let middle = low + (high - low) / 2;
        if differences_up_to(x, y, from_order_key(middle)) >= place {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    from_order_key(low)
}

fn differences_up_to(x: &[f64], y: &[f64], limit: f64) -> u64 {
    // As x grows, the first y near enough to it moves up.
    let (mut first, mut count) = (0, 0);
    for &value in x {
        while first < y.len() && value - y[first] > limit {
            first += 1;
        }
        count += (y.len() - first) as u64;
    }
    count
}

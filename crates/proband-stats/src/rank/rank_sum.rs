//! Wilcoxon's rank sum test.

use super::exact::Distribution;
use super::{check, doubled_ranks};
use crate::error::{Result, StatsError};
use crate::estimate::{Continuity, ZTest};

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
    let test = ZTest::new((gap - continuity.step(gap)) / variance.sqrt());
    Ok(RankSum { u, superiority: u / (m * n), test })
}

/// Wilcoxon's rank sum test by the exact distribution given the ties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactRankSum {
    /// Pairs with x above y, plus half the ties.
    pub u: f64,
    /// Two-sided: twice the smaller tail.
    pub p: f64,
    /// Against the alternative that `x` tends to be larger.
    pub p_greater: f64,
    /// Against the alternative that `x` tends to be smaller.
    pub p_less: f64,
}

/// [`rank_sum`] with p-values over all ways in which the observed ranks (midranks where values are
/// tied) could have fallen to the two samples. Without ties this is R's exact `wilcox.test`.
///
/// Fails for an empty sample, values that are not finite, and above 200 values together. Always 1 where all
/// values are equal.
pub fn exact_rank_sum(x: &[f64], y: &[f64]) -> Result<ExactRankSum> {
    check(x, y)?;
    let (ranks, _) = doubled_ranks(&[x, y].concat());
    let distribution = Distribution::of_draws(&ranks, x.len())?;
    let sum: u64 = ranks[..x.len()].iter().sum();
    let m = x.len() as f64;
    Ok(ExactRankSum {
        u: 0.5 * sum as f64 - 0.5 * m * (m + 1.0),
        p: distribution.two_sided(sum),
        p_greater: distribution.at_least(sum),
        p_less: distribution.at_most(sum),
    })
}

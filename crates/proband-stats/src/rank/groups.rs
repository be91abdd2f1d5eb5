//! More than two samples.

use super::doubled_ranks;
use crate::checks::{all_finite, at_least};
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;

/// The test that no group tends to larger values than another, by chi-square on groups - 1 degrees of
/// freedom, corrected for ties (W. H. Kruskal & W. A. Wallis, JASA 47, 1952).
///
/// Fails below two groups, for an empty group, and where all values are equal.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<ChiSquareTest> {
    at_least(2, groups.len())?;
    for group in groups {
        at_least(1, group.len())?;
        all_finite(group)?;
    }
    let (ranks, ties) = doubled_ranks(&groups.concat());
    let n = ranks.len() as f64;
    let (mut start, mut between) = (0, 0.0);
    for group in groups {
        let sum: u64 = ranks[start..start + group.len()].iter().sum();
        let size = group.len() as f64;
        let gap = 0.5 * sum as f64 / size - 0.5 * (n + 1.0);
        between += size * gap * gap;
        start += group.len();
    }
    let variance = (n * (n + 1.0) - ties / (n - 1.0)) / 12.0;
    if variance <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    ChiSquareTest::new(between / variance, groups.len() as f64 - 1.0)
}

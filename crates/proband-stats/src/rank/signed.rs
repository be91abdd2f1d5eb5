//! Wilcoxon's signed rank test of pairs or of one sample about zero.

use super::doubled_ranks;
use super::exact::Distribution;
use crate::checks::{all_finite, at_least};
use crate::error::{Result, StatsError};
use crate::estimate::{Continuity, ZTest};

/// The signed rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The sum of the ranks of positive differences, R's V.
    pub v: f64,
    /// The differences that are not zero; zeros are left out, as in R and SAS.
    pub n: usize,
    /// Signed z (positive where differences tend to be) and two-sided p-value.
    pub test: ZTest,
}

/// The test that differences are symmetric about zero by the normal approximation, with the variance
/// corrected for ties (F. Wilcoxon, Biometrics Bulletin 1, 1945).
///
/// Fails where no difference is other than zero.
pub fn signed_rank(differences: &[f64], continuity: Continuity) -> Result<SignedRank> {
    let ranked = Ranked::of(differences)?;
    let n = ranked.ranks.len() as f64;
    let gap = ranked.v() - 0.25 * n * (n + 1.0);
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranked.ties / 48.0;
    if variance <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    let test = ZTest::new((gap - continuity.step(gap)) / variance.sqrt());
    Ok(SignedRank { v: ranked.v(), n: ranked.ranks.len(), test })
}

/// The two-sided p-value of the signed rank test over all signs the observed ranks could have had:
/// twice the smaller tail. Fails where [`signed_rank`] does and above 200 differences.
pub fn exact_signed_rank(differences: &[f64]) -> Result<f64> {
    let ranked = Ranked::of(differences)?;
    Ok(Distribution::of_signs(&ranked.ranks)?.two_sided(ranked.positive))
}

/// Twice the ranks of the sizes of differences other than zero.
struct Ranked {
    ranks: Vec<u64>,
    ties: f64,
    positive: u64,
}

impl Ranked {
    fn of(differences: &[f64]) -> Result<Self> {
        all_finite(differences)?;
        let moved: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > 0.0).collect();
        at_least(1, moved.len())?;
        let sizes: Vec<f64> = moved.iter().map(|d| d.abs()).collect();
        let (ranks, ties) = doubled_ranks(&sizes);
        let positive =
            ranks.iter().zip(&moved).filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
        Ok(Self { ranks, ties, positive })
    }

    fn v(&self) -> f64 {
        0.5 * self.positive as f64
    }
}

//! Rank tests of one, two and more samples, and the shift between two.

mod exact;
mod groups;
mod rank_sum;
mod shift;
mod signed;

pub use groups::kruskal_wallis;
pub use rank_sum::{ExactRankSum, RankSum, exact_rank_sum, rank_sum};
pub use shift::{Shift, exact_hodges_lehmann, hodges_lehmann};
pub use signed::{SignedRank, exact_signed_rank, signed_rank};

use crate::checks::{all_finite, at_least};
use crate::error::Result;
use crate::order::ascending;

/// Two samples, neither empty, all finite.
fn check(x: &[f64], y: &[f64]) -> Result<()> {
    at_least(1, x.len())?;
    at_least(1, y.len())?;
    all_finite(x)?;
    all_finite(y)
}

/// Twice the midrank of each value, in the order given, and the sum of t^3 - t over ties of t.
fn doubled_ranks(values: &[f64]) -> (Vec<u64>, f64) {
    let order = ascending(values);
    let mut ranks = vec![0; values.len()];
    let (mut below, mut ties) = (0, 0.0);
    for tied in order.chunk_by(|&a, &b| values[a] >= values[b]) {
        let t = tied.len() as u64;
        for &place in tied {
            ranks[place] = 2 * below + t + 1;
        }
        below += t;
        ties += (t * t * t - t) as f64;
    }
    (ranks, ties)
}

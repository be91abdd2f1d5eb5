//! Exact distributions of rank sums, whatever the ties: every choice of ranks is equally probable.

use crate::error::{Result, StatsError};
use crate::special::AS_PROBABLE;

/// More values than this have distributions too long to add up in reasonable time, and a normal
/// approximation that is good.
const LARGEST: usize = 200;

/// The probability of each value of a statistic, from 0 on.
pub(super) struct Distribution(Vec<f64>);

impl Distribution {
    /// Of the sum of `drawn` of the ranks, all choices equally probable.
    pub(super) fn of_draws(ranks: &[u64], drawn: usize) -> Result<Self> {
        at_most_largest(ranks.len())?;
        let total = ranks.iter().sum::<u64>() as usize;
        // ways[k][s]: the share of choices of k ranks that add up to s, times a binomial coefficient.
        let mut ways = vec![vec![0.0; total + 1]; drawn + 1];
        ways[0][0] = 1.0;
        for (seen, &rank) in ranks.iter().enumerate() {
            for k in (1..=drawn.min(seen + 1)).rev() {
                // Taking this rank with probability k/(seen+1) keeps all choices equally probable.
                let (less, more) = ways.split_at_mut(k);
                let (from, into) = (&less[k - 1], &mut more[0]);
                let take = k as f64 / (seen + 1) as f64;
                for s in (0..=total).rev() {
                    let taken = if s >= rank as usize { from[s - rank as usize] } else { 0.0 };
                    into[s] = (1.0 - take) * into[s] + take * taken;
                }
            }
        }
        Ok(Self(ways.swap_remove(drawn)))
    }

    /// Of the sum of a random half of the ranks, each in or out with probability 1/2.
    pub(super) fn of_signs(ranks: &[u64]) -> Result<Self> {
        at_most_largest(ranks.len())?;
        let total = ranks.iter().sum::<u64>() as usize;
        let mut ways = vec![0.0; total + 1];
        ways[0] = 1.0;
        for &rank in ranks {
            for s in (0..=total).rev() {
                let taken = if s >= rank as usize { ways[s - rank as usize] } else { 0.0 };
                ways[s] = 0.5 * (ways[s] + taken);
            }
        }
        Ok(Self(ways))
    }

    /// P(S <= s).
    pub(super) fn at_most(&self, s: u64) -> f64 {
        self.0[..=s as usize].iter().sum::<f64>().min(1.0)
    }

    /// P(S >= s).
    pub(super) fn at_least(&self, s: u64) -> f64 {
        self.0[s as usize..].iter().rev().sum::<f64>().min(1.0)
    }

    /// The smallest s with P(S <= s) >= p.
    pub(super) fn quantile(&self, p: f64) -> u64 {
        let mut total = 0.0;
        let place = self.0.iter().position(|probability| {
            total += probability;
            total * AS_PROBABLE >= p
        });
        place.unwrap_or(self.0.len() - 1) as u64
    }

    /// Twice the smaller tail, at most 1.
    pub(super) fn two_sided(&self, s: u64) -> f64 {
        (2.0 * self.at_most(s).min(self.at_least(s))).min(1.0)
    }
}

fn at_most_largest(n: usize) -> Result<()> {
    if n > LARGEST { Err(StatsError::OutOfRange { value: n as f64 }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the ranks 1, 2, 3, 4 two can be drawn in six ways: sums 3, 4, 5, 5, 6, 7.
    #[test]
    fn two_of_four_ranks() {
        let ours = Distribution::of_draws(&[1, 2, 3, 4], 2).unwrap();
        let expected = [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        for (p, ways) in ours.0.iter().zip(expected) {
            assert!((p - ways / 6.0).abs() < 1e-15);
        }
        assert_eq!(ours.quantile(0.3), 4);
    }

    #[test]
    fn signs_of_three_ranks() {
        let ours = Distribution::of_signs(&[1, 2, 3]).unwrap();
        let expected = [1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0].map(|ways| ways / 8.0);
        assert_eq!(ours.0, expected);
    }
}

//! Power by adding up every possible table.

use crate::binary::{Proportion, fisher_exact};
use crate::checks::{at_least, probability, share};
use crate::error::Result;
use crate::special::{binomial_pmf, normal_two_sided};

/// A two-sided test of two proportions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactTest {
    /// Z with the pooled variance, without correction for continuity.
    PooledZ,
    /// Fisher's exact test.
    Fisher,
}

impl ExactTest {
    fn rejects(self, active: Proportion, control: Proportion, alpha: f64) -> bool {
        match self {
            Self::Fisher => fisher_exact(active, control).p <= alpha,
            Self::PooledZ => {
                let (n1, n2) = (active.total() as f64, control.total() as f64);
                let pooled = (active.events() + control.events()) as f64 / (n1 + n2);
                let variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
                let z = (active.value() - control.value()) / variance.sqrt();
                // Without events, or with nothing else, 0/0 is no evidence.
                variance > 0.0 && normal_two_sided(z) <= alpha
            }
        }
    }
}

/// The probability that `test` at two-sided level `alpha` rejects, for `n` participants and event
/// probabilities `p` (active and control): the sum of all tables in which it does. With equal `p` this is
/// the type I error there.
pub fn exact_power(test: ExactTest, n: [u64; 2], p: [f64; 2], alpha: f64) -> Result<f64> {
    probability(alpha)?;
    for (n, p) in n.iter().zip(p) {
        at_least(1, *n as usize)?;
        share(p)?;
    }
    let columns: Vec<Vec<f64>> =
        (0..2).map(|arm| (0..=n[arm]).map(|x| point(x, n[arm], p[arm])).collect()).collect();
    let mut total = 0.0;
    for (x, px) in columns[0].iter().enumerate() {
        let active = Proportion::new(x as u64, n[0])?;
        for (y, py) in columns[1].iter().enumerate() {
            if test.rejects(active, Proportion::new(y as u64, n[1])?, alpha) {
                total += px * py;
            }
        }
    }
    Ok(total)
}

/// P(X = x) for X of Binomial(n, p), certain ones included.
pub(super) fn point(x: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return f64::from(u8::from(x == 0));
    }
    if p >= 1.0 {
        return f64::from(u8::from(x == n));
    }
    binomial_pmf(x, n, p)
}

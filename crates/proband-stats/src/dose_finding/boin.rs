//! The Bayesian optimal interval design (S. Liu & Y. Yuan, JRSS C 64, 2015).

use super::{DoseCounts, Escalation, Next, lowest_eliminated, too_toxic};
use crate::checks::probability;
use crate::error::{Result, StatsError};
use crate::special::ln;

/// A target toxicity and the toxicities next to it that should be told from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boin {
    /// The toxicity aimed at.
    pub target: f64,
    /// The highest toxicity that is too low; 0.6 of the target by default.
    pub safe: f64,
    /// The lowest toxicity that is too high; 1.4 of the target by default.
    pub toxic: f64,
    /// A dose is eliminated where P(toxicity > target) exceeds this.
    pub cutoff: f64,
}

/// What to do with a number of participants at a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoinBounds {
    /// Escalate with at most this many toxicities.
    pub escalate: u64,
    /// De-escalate with at least this many.
    pub de_escalate: u64,
    /// Eliminate the dose with at least this many; none below three participants or where no number is enough.
    pub eliminate: Option<u64>,
}

impl Boin {
    /// The default design for a target.
    pub fn new(target: f64) -> Result<Self> {
        let design = Self { target, safe: 0.6 * target, toxic: 1.4 * target, cutoff: 0.95 };
        design.check()?;
        Ok(design)
    }

    fn check(&self) -> Result<()> {
        for p in [self.target, self.safe, self.toxic, self.cutoff] {
            probability(p)?;
        }
        if self.safe < self.target && self.target < self.toxic {
            return Ok(());
        }
        Err(StatsError::OutOfRange { value: self.target })
    }

    /// The observed toxicities at or below which to escalate, and at or above which to de-escalate: those that make the chance
    /// of a wrong decision least (their eq. 1).
    pub fn thresholds(&self) -> Result<[f64; 2]> {
        self.check()?;
        let between = |low: f64, high: f64| {
            let stays = ln((1.0 - low) / (1.0 - high));
            stays / (stays + ln(high / low))
        };
        Ok([between(self.safe, self.target), between(self.target, self.toxic)])
    }

    /// The decisions after `treated` participants at a dose.
    pub fn bounds(&self, treated: u64) -> Result<BoinBounds> {
        let [escalate, de_escalate] = self.thresholds()?;
        let n = treated as f64;
        let mut eliminate = None;
        if treated >= 3 {
            for y in 0..=treated {
                if too_toxic(y, treated, self.target)? > self.cutoff {
                    eliminate = Some(y);
                    break;
                }
            }
        }
        Ok(BoinBounds {
            escalate: (escalate * n).floor() as u64,
            de_escalate: (de_escalate * n).ceil() as u64,
            eliminate,
        })
    }

    /// Toxicity estimated at each dose that was given, never falling with dose: isotonic regression of (y + 0.05)/(n + 0.1),
    /// weighted by its inverse variance.
    pub fn estimates(&self, counts: &DoseCounts) -> Vec<Option<f64>> {
        let given: Vec<usize> =
            (0..counts.doses()).filter(|&d| counts.treated[d] > 0).collect();
        let points: Vec<(f64, f64)> = given
            .iter()
            .map(|&d| {
                let (n, y) = (counts.treated[d] as f64 + 0.1, counts.toxic[d] as f64 + 0.05);
                (y / n, n * n * (n + 1.0) / (y * (n - y)))
            })
            .collect();
        let mut all = vec![None; counts.doses()];
        for (dose, value) in given.into_iter().zip(isotonic(&points)) {
            all[dose] = Some(value);
        }
        all
    }

    /// The dose whose estimated toxicity is nearest to the target, among those given and not eliminated; of equals the higher
    /// below the target, the lower above. None where the lowest dose is eliminated.
    pub fn select(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        self.check()?;
        let end = lowest_eliminated(counts, self.target, self.cutoff)?;
        let kept = DoseCounts {
            treated: counts.treated[..end].to_vec(),
            toxic: counts.toxic[..end].to_vec(),
        };
        let mut best: Option<(f64, usize)> = None;
        for (dose, estimate) in self.estimates(&kept).into_iter().enumerate() {
            let Some(estimate) = estimate else { continue };
            // A little is added with each dose so that equals are told apart.
            let gap = (estimate + (dose as f64 + 1.0) * 1e-10 - self.target).abs();
            if best.is_none_or(|(least, _)| gap < least) {
                best = Some((gap, dose));
            }
        }
        Ok(best.map(|(_, dose)| dose))
    }
}

/// Pool adjacent violators: the nearest values, weighted, that never fall.
fn isotonic(points: &[(f64, f64)]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for &(value, weight) in points {
        let mut block = (value, weight, 1);
        while let Some(&(before, heavy, count)) = blocks.last() {
            if before <= block.0 {
                break;
            }
            blocks.pop();
            let total = heavy + block.1;
            let mean = (heavy * before + block.1 * block.0) / total;
            block = (mean, total, count + block.2);
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|(value, _, count)| vec![value; count]).collect()
}

impl Escalation for Boin {
    fn next(&self, counts: &DoseCounts, dose: usize) -> Result<Next> {
        let end = lowest_eliminated(counts, self.target, self.cutoff)?;
        if end == 0 {
            return Ok(Next::Stop);
        }
        let observed = counts.toxic[dose] as f64 / counts.treated[dose] as f64;
        let [escalate, de_escalate] = self.thresholds()?;
        Ok(if observed <= escalate && dose + 1 < end {
            Next::Dose(dose + 1)
        } else if observed >= de_escalate && dose > 0 {
            Next::Dose(dose - 1)
        } else {
            Next::Dose(dose.min(end - 1))
        })
    }

    fn select(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        Self::select(self, counts)
    }
}

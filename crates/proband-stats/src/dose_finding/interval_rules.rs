//! Rules that ask in which interval the toxicity most likely lies.

use super::{Boin, DoseCounts, Escalation, Next, lowest_eliminated, too_toxic};
use crate::checks::{none_negative, probability};
use crate::error::{Result, StatsError};
use crate::special::beta_upper;

/// Which intervals compete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalRule {
    /// Below, around and above the target; each probability is divided by its width (Y. Ji, P. Liu, Y. Li & B. Bekele, Clinical
    /// Trials 7, 2010).
    Mtpi,
    /// Intervals as wide as the one around the target; those cut off at 0 and 1 by their own width (W. Guo, S. Wang, S. Yang, H.
    /// Lynn & Y. Ji, Contemporary Clinical Trials 58, 2017).
    Mtpi2,
    /// The same without the intervals that are cut off (F. Yan, S. Mandrekar & Y. Yuan, Clinical Cancer Research 23, 2017).
    Keyboard,
}

/// A target interval of toxicity and a rule, with a uniform prior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToxicityIntervals {
    /// The rule.
    pub rule: IntervalRule,
    /// The toxicity aimed at.
    pub target: f64,
    /// How far below the target is as good.
    pub below: f64,
    /// How far above the target is as good.
    pub above: f64,
    /// A dose is unacceptable where P(toxicity > target) exceeds this.
    pub cutoff: f64,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The next higher dose.
    Escalate,
    /// The same dose.
    Stay,
    /// The next lower dose.
    DeEscalate,
    /// The next lower dose, and never this one again.
    Eliminate,
}

impl ToxicityIntervals {
    fn check(&self) -> Result<()> {
        probability(self.target)?;
        probability(self.cutoff)?;
        none_negative(&[self.below, self.above])?;
        let (low, high) = self.around();
        if low >= 0.0 && high <= 1.0 && high > low {
            return Ok(());
        }
        Err(StatsError::OutOfRange { value: if low < 0.0 { low } else { high } })
    }

    fn around(&self) -> (f64, f64) {
        (self.target - self.below, self.target + self.above)
    }

    /// The decision after `toxic` toxicities among `treated` at a dose; the keyboard asks for three participants before it
    /// eliminates. Fails for more toxicities than participants and for an interval outside 0..1.
    pub fn decision(&self, toxic: u64, treated: u64) -> Result<Decision> {
        self.check()?;
        if toxic > treated {
            return Err(StatsError::MoreEventsThanObserved { events: toxic, total: treated });
        }
        let enough = self.rule != IntervalRule::Keyboard || treated >= 3;
        if enough && too_toxic(toxic, treated, self.target)? > self.cutoff {
            return Ok(Decision::Eliminate);
        }
        let (low, high) = self.around();
        let mut best = (f64::NEG_INFINITY, 0.0);
        for (from, to) in self.intervals() {
            let density = probability_between(toxic, treated, from, to)? / (to - from);
            // A later interval must be better by more than rounding.
            if density > best.0 * (1.0 + 1e-12) {
                best = (density, 0.5 * (from + to));
            }
        }
        Ok(if best.1 < low {
            Decision::Escalate
        } else if best.1 > high {
            Decision::DeEscalate
        } else {
            Decision::Stay
        })
    }

    /// The competing intervals, from low to high.
    fn intervals(&self) -> Vec<(f64, f64)> {
        const EDGE: f64 = 1e-9;
        let (low, high) = self.around();
        if self.rule == IntervalRule::Mtpi {
            let all = [(0.0, low), (low, high), (high, 1.0)];
            return all.into_iter().filter(|(from, to)| to - from > EDGE).collect();
        }
        let width = high - low;
        let whole_below = ((low + EDGE) / width).floor();
        let whole_above = ((1.0 - high + EDGE) / width).floor();
        let first = low - whole_below * width;
        let last = high + whole_above * width;
        let count = (whole_below + whole_above) as usize + 1;
        let mut all: Vec<(f64, f64)> = (0..count)
            .map(|k| (first + k as f64 * width, first + (k + 1) as f64 * width))
            .collect();
        if self.rule == IntervalRule::Mtpi2 {
            if first > EDGE {
                all.insert(0, (0.0, first));
            }
            if 1.0 - last > EDGE {
                all.push((last, 1.0));
            }
        }
        all
    }
}

/// P(from < toxicity < to) with a uniform prior.
fn probability_between(toxic: u64, treated: u64, from: f64, to: f64) -> Result<f64> {
    let (a, b) = (toxic as f64 + 1.0, (treated - toxic) as f64 + 1.0);
    Ok(beta_upper(a, b, from.max(0.0))? - beta_upper(a, b, to.min(1.0))?)
}

impl Escalation for ToxicityIntervals {
    fn next(&self, counts: &DoseCounts, dose: usize) -> Result<Next> {
        let end = lowest_eliminated(counts, self.target, self.cutoff)?;
        if end == 0 {
            return Ok(Next::Stop);
        }
        Ok(moved(self.decision(counts.toxic[dose], counts.treated[dose])?, dose, end))
    }

    /// By isotonic regression, as in BOIN.
    fn select(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        let nearest = Boin { cutoff: self.cutoff, ..Boin::new(self.target)? };
        nearest.select(counts)
    }
}

/// The interval 3+3 (M. Liu, S.-J. Wang & Y. Ji, Journal of Biopharmaceutical Statistics 30, 2020): the share of toxicities is
/// compared with an interval around the target, and a share above it is not one too many if one toxicity less would be
/// below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThreePlusThreeIntervals {
    /// The toxicity aimed at.
    pub target: f64,
    /// How far below the target is as good.
    pub below: f64,
    /// How far above the target is as good.
    pub above: f64,
    /// A dose is unacceptable where P(toxicity > target) exceeds this.
    pub cutoff: f64,
}

impl ThreePlusThreeIntervals {
    /// The decision after `toxic` toxicities among `treated` at a dose, at least one of them treated. Fails for more
    /// toxicities than participants and for an interval outside 0..1.
    pub fn decision(&self, toxic: u64, treated: u64) -> Result<Decision> {
        probability(self.target)?;
        probability(self.cutoff)?;
        let (low, high) = (self.target - self.below, self.target + self.above);
        crate::checks::share(low)?;
        crate::checks::share(high)?;
        if toxic > treated {
            return Err(StatsError::MoreEventsThanObserved { events: toxic, total: treated });
        }
        crate::checks::at_least(1, treated as usize)?;
        let n = treated as f64;
        let (share, one_less) = (toxic as f64 / n, (toxic as f64 - 1.0) / n);
        Ok(if share < low {
            Decision::Escalate
        } else if share <= high || one_less < low {
            Decision::Stay
        } else if treated >= 3 && too_toxic(toxic, treated, self.target)? > self.cutoff {
            Decision::Eliminate
        } else {
            Decision::DeEscalate
        })
    }
}

impl Escalation for ThreePlusThreeIntervals {
    fn next(&self, counts: &DoseCounts, dose: usize) -> Result<Next> {
        let end = lowest_eliminated(counts, self.target, self.cutoff)?;
        if end == 0 {
            return Ok(Next::Stop);
        }
        Ok(moved(self.decision(counts.toxic[dose], counts.treated[dose])?, dose, end))
    }

    /// By isotonic regression, as in BOIN.
    fn select(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        Boin { cutoff: self.cutoff, ..Boin::new(self.target)? }.select(counts)
    }
}

/// The dose after a decision, below the lowest one that is left for good.
fn moved(decision: Decision, dose: usize, end: usize) -> Next {
    let next = match decision {
        Decision::Escalate => dose + 1,
        Decision::Stay => dose,
        Decision::DeEscalate | Decision::Eliminate => dose.saturating_sub(1),
    };
    Next::Dose(next.min(end - 1))
}

//! R. Simon's two-stage designs for one arm with a binary endpoint (Controlled Clinical Trials 10, 1989).

use super::exact::point;
use crate::checks::{at_least, probability};
use crate::error::{Result, StatsError};

/// Stop after `n1` participants with at most `r1` responses; reject the null hypothesis after `n` with more
/// than `r`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimonDesign {
    /// Responses at the first stage that are too few.
    pub r1: u64,
    /// Participants of the first stage.
    pub n1: u64,
    /// Responses in all that are too few.
    pub r: u64,
    /// Participants in all.
    pub n: u64,
}

/// What a two-stage design does at one response probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimonOptimum {
    /// The design.
    pub design: SimonDesign,
    /// The probability to stop early under the null hypothesis.
    pub early_stop: f64,
    /// The expected number of participants under the null hypothesis.
    pub expected: f64,
    /// The probability to reject under the null hypothesis.
    pub alpha: f64,
    /// The probability to reject under the alternative.
    pub power: f64,
}

impl SimonDesign {
    /// The probability to stop after the first stage at response probability `p`.
    pub fn early_stop(&self, p: f64) -> Result<f64> {
        self.check(p)?;
        Ok((0..=self.r1).map(|x| point(x, self.n1, p)).sum())
    }

    /// The expected number of participants.
    pub fn expected(&self, p: f64) -> Result<f64> {
        let stop = self.early_stop(p)?;
        Ok(self.n1 as f64 + (1.0 - stop) * (self.n - self.n1) as f64)
    }

    /// The probability to reject the null hypothesis.
    pub fn reject(&self, p: f64) -> Result<f64> {
        self.check(p)?;
        let second = self.n - self.n1;
        let tails = upper_tails(second, p);
        Ok((self.r1 + 1..=self.n1)
            .map(|x| point(x, self.n1, p) * more_than(&tails, self.r as i64 - x as i64))
            .sum())
    }

    fn check(&self, p: f64) -> Result<()> {
        probability(p)?;
        at_least(1, self.n1 as usize)?;
        at_least(self.n1 as usize, self.n as usize)?;
        if self.r1 <= self.n1 && self.r <= self.n {
            return Ok(());
        }
        Err(StatsError::MoreEventsThanObserved { events: self.r.max(self.r1), total: self.n })
    }
}

/// Entry k is P(X >= k), up to k = n + 1.
fn upper_tails(n: u64, p: f64) -> Vec<f64> {
    let mut tails = vec![0.0; n as usize + 2];
    for k in (0..=n).rev() {
        tails[k as usize] = tails[k as usize + 1] + point(k, n, p);
    }
    tails
}

/// P(X > k), which is 1 below 0.
fn more_than(tails: &[f64], k: i64) -> f64 {
    if k < 0 { 1.0 } else { tails.get(k as usize + 1).copied().unwrap_or(0.0) }
}

/// What a two-stage design is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimonPlan {
    /// The response probability that is not worth pursuing.
    pub null: f64,
    /// The one that is.
    pub alternative: f64,
    /// The type I error at most.
    pub alpha: f64,
    /// The type II error at most.
    pub beta: f64,
    /// The largest trial looked at.
    pub largest: u64,
}

/// The designs with the smallest expected size under the null hypothesis (optimal) and with the smallest
/// largest size (minimax, ties by expected size), by trying all.
///
/// Fails with [`StatsError::NoSolution`] where no trial up to the largest holds both errors.
pub fn simon_designs(plan: &SimonPlan) -> Result<[SimonOptimum; 2]> {
    for p in [plan.null, plan.alternative, plan.alpha, plan.beta] {
        probability(p)?;
    }
    let mut best: [Option<SimonOptimum>; 2] = [None, None];
    for n in 2..=plan.largest {
        let found = best_of_size(plan, n)?;
        if let Some(found) = found {
            if best[0].is_none_or(|b| found.expected < b.expected) {
                best[0] = Some(found);
            }
            best[1].get_or_insert(found);
        }
    }
    match best {
        [Some(optimal), Some(minimax)] => Ok([optimal, minimax]),
        _ => Err(StatsError::NoSolution),
    }
}

/// The admissible design of `n` participants with the smallest expected size.
fn best_of_size(plan: &SimonPlan, n: u64) -> Result<Option<SimonOptimum>> {
    let mut best: Option<SimonOptimum> = None;
    for n1 in 1..n {
        let ps = [plan.null, plan.alternative];
        let first = ps.map(|p| (0..=n1).map(|x| point(x, n1, p)).collect::<Vec<_>>());
        let second = ps.map(|p| upper_tails(n - n1, p));
        let mut early = [0.0; 2];
        for r1 in 0..n1 {
            early[0] += first[0][r1 as usize];
            early[1] += first[1][r1 as usize];
            if early[1] > plan.beta {
                break;
            }
            let expected = n1 as f64 + (1.0 - early[0]) * (n - n1) as f64;
            if best.is_some_and(|b| expected >= b.expected) {
                continue;
            }
            let reject = |k: usize, r: u64| -> f64 {
                (r1 + 1..=n1)
                    .map(|x| first[k][x as usize] * more_than(&second[k], r as i64 - x as i64))
                    .sum()
            };
            // The smallest r that holds the level has the largest power.
            let Some(r) = (r1..n).find(|&r| reject(0, r) <= plan.alpha) else { continue };
            let power = reject(1, r);
            if power >= 1.0 - plan.beta {
                let design = SimonDesign { r1, n1, r, n };
                let alpha = reject(0, r);
                best =
                    Some(SimonOptimum { design, early_stop: early[0], expected, alpha, power });
            }
        }
    }
    Ok(best)
}

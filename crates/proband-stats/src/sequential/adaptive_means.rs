//! A two-armed comparison of means in stages, analysed by the inverse normal combination.

use super::GroupSequentialDesign;
use super::adjusted::{SEARCH, inverted};
use super::combination::combined;
use super::walk::{Walk, steps};
use crate::checks::{at_least, finite, index_below, positive};
use crate::error::Result;
use crate::estimate::{Interval, Level, ZTest};
use crate::special::{normal_quantile_upper, root, t_upper};

/// What one stage saw on its own, not cumulated; the active arm first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageMeans {
    /// Participants.
    pub n: [u64; 2],
    /// Means.
    pub mean: [f64; 2],
    /// Standard deviations.
    pub sd: [f64; 2],
}

impl StageMeans {
    fn check(&self) -> Result<()> {
        for arm in 0..2 {
            at_least(2, self.n[arm] as usize)?;
            finite(self.mean[arm])?;
            positive(self.sd[arm])?;
        }
        Ok(())
    }

    fn squares(&self) -> f64 {
        (0..2).map(|arm| (self.n[arm] as f64 - 1.0) * self.sd[arm] * self.sd[arm]).sum()
    }

    fn df(&self) -> f64 {
        (self.n[0] + self.n[1]) as f64 - 2.0
    }

    /// The pooled standard deviation.
    fn residual_sd(&self) -> f64 {
        (self.squares() / self.df()).sqrt()
    }

    /// sqrt(1/n_1 + 1/n_2).
    fn spread(&self) -> f64 {
        (1.0 / self.n[0] as f64 + 1.0 / self.n[1] as f64).sqrt()
    }

    /// The pooled standard error of the difference.
    fn se(&self) -> f64 {
        self.residual_sd() * self.spread()
    }

    fn t(&self, null: f64) -> Result<f64> {
        self.check()?;
        Ok((self.mean[0] - self.mean[1] - finite(null)?) / self.se())
    }

    /// The one-sided p-value of the pooled t test of "difference <= `null`".
    pub fn p(&self, null: f64) -> Result<f64> {
        t_upper(self.t(null)?, self.df())
    }

    /// The normal deviate with the same tail, found in the smaller tail so that it keeps its digits
    /// where p rounds to 1.
    fn z(&self, null: f64) -> Result<f64> {
        let t = self.t(null)?;
        let tail = t_upper(t.abs(), self.df())?.max(f64::MIN_POSITIVE);
        Ok(normal_quantile_upper(tail)?.copysign(t))
    }
}

/// All that was seen, as if in one stage: within-arm squares include those between stages.
fn pooled(stages: &[StageMeans]) -> StageMeans {
    let mut all = StageMeans { n: [0; 2], mean: [0.0; 2], sd: [0.0; 2] };
    for arm in 0..2 {
        let n: u64 = stages.iter().map(|s| s.n[arm]).sum();
        let mean = stages.iter().map(|s| s.n[arm] as f64 * s.mean[arm]).sum::<f64>() / n as f64;
        let squares: f64 = stages
            .iter()
            .map(|s| {
                let gap = s.mean[arm] - mean;
                (s.n[arm] as f64 - 1.0) * s.sd[arm] * s.sd[arm] + s.n[arm] as f64 * gap * gap
            })
            .sum();
        all.n[arm] = n;
        all.mean[arm] = mean;
        all.sd[arm] = (squares / (n as f64 - 1.0)).sqrt();
    }
    all
}

/// Inference after the last of `stages`, on the scale of the difference of means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FinalMeans {
    /// The one-sided p-value by the stagewise ordering.
    pub p: f64,
    /// The median unbiased estimate.
    pub median_unbiased: f64,
    /// The confidence interval.
    pub interval: Interval,
}

impl GroupSequentialDesign {
    /// The inverse normal combination of the stages for the hypothesis "difference <= `null`".
    pub fn combine_means(&self, stages: &[StageMeans], null: f64) -> Result<ZTest> {
        at_least(1, stages.len())?;
        index_below(self.looks(), stages.len() - 1)?;
        let weights: Vec<f64> = steps(&self.fractions()[..stages.len()]).collect();
        combined(stages.iter().map(|stage| stage.z(null)), &weights)
    }

    /// The repeated confidence interval of the difference after `stages`: the values that the
    /// combination would not reject at the bound of this look.
    pub fn repeated_interval_of_means(&self, stages: &[StageMeans]) -> Result<Interval> {
        self.combine_means(stages, 0.0)?;
        let bound = self.upper[stages.len() - 1];
        let (centre, reach) = search(stages);
        let solve = |target: f64| {
            let gap = |null| Ok(self.combine_means(stages, null)?.z - target);
            root(centre - reach, centre + reach, gap)
        };
        Ok(Interval { lower: solve(bound)?, upper: solve(-bound)? })
    }

    /// Inference after stopping with the last of `stages`: the differences under which a result more
    /// extreme in the stagewise ordering has probability 1/2 and half the level. Each stage's Z has the
    /// mean that its own size gives it, with the standard deviation pooled over all stages, as in
    /// rpact's `getAnalysisResults`.
    pub fn final_means(&self, stages: &[StageMeans], level: Level) -> Result<FinalMeans> {
        let z = self.combine_means(stages, 0.0)?.z;
        let look = stages.len() - 1;
        let sd = pooled(stages).residual_sd();
        // What one unit of difference adds to Z sqrt(t) in each stage.
        let unit: Vec<f64> = steps(&self.fractions()[..=look])
            .zip(stages)
            .map(|(step, stage)| step.sqrt() / (sd * stage.spread()))
            .collect();
        let p = |difference: f64| {
            let gains = unit.iter().map(|u| u * difference).collect();
            let walk = Walk::with_gains(&self.fractions()[..=look], gains);
            self.more_extreme(walk, look, z)
        };
        let total = unit.iter().sum::<f64>();
        let (centre, reach) = (z / total, SEARCH / total);
        let ends = [centre - reach, centre + reach];
        let (median_unbiased, interval) = inverted(ends, level, |gap| Ok(p(gap)))?;
        Ok(FinalMeans { p: p(0.0), median_unbiased, interval })
    }
}

/// Where limits of the difference are looked for: further than any stage's bound can reach.
fn search(stages: &[StageMeans]) -> (f64, f64) {
    let all = pooled(stages);
    let widest = stages.iter().map(StageMeans::se).fold(0.0, f64::max);
    let gaps =
        stages.iter().map(|s| s.mean[0] - s.mean[1]).map(|d| d.abs()).fold(0.0, f64::max);
    (all.mean[0] - all.mean[1], 2.0 * gaps + 1e4 * widest)
}

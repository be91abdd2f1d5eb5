//! Estimates, intervals and p-values that know that the trial could have stopped earlier.

use super::{GroupSequentialDesign, GroupSequentialPlan};
use crate::checks::{finite, index_below, positive};
use crate::error::Result;
use crate::estimate::{Interval, Level};
use crate::special::root;

/// An estimate of the drift after stopping, by the stagewise ordering (D. Siegmund; A. Tsiatis, G.
/// Rosner & C. Mehta, Biometrics 40, 1984).
///
/// All three are on the scale of Z at full information; divide by the square root of that
/// information for the effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdjustedEstimate {
    /// The one-sided p-value.
    pub p: f64,
    /// The drift for which the result is as likely to be exceeded as not.
    pub median_unbiased: f64,
    /// The confidence interval.
    pub interval: Interval,
}

/// How far from the naive estimate a limit is looked for, in standard errors of the look.
pub(super) const SEARCH: f64 = 14.0;

/// The effects between the two ends under which a result this extreme has probability 1/2, and half of
/// what the level leaves on either side.
pub(super) fn inverted(
    [from, to]: [f64; 2],
    level: Level,
    p: impl Fn(f64) -> Result<f64>,
) -> Result<(f64, Interval)> {
    let solve = |target: f64| root(from, to, |effect| Ok(p(effect)? - target));
    let median = solve(0.5)?;
    let (lower, upper) = (solve(level.tail())?, solve(1.0 - level.tail())?);
    Ok((median, Interval { lower, upper }))
}

impl GroupSequentialDesign {
    /// Inference after stopping at look number `look` (from 0) with the statistic `z`.
    pub fn adjusted(&self, look: usize, z: f64, level: Level) -> Result<AdjustedEstimate> {
        index_below(self.looks(), look)?;
        let root_fraction = self.fractions()[look].sqrt();
        let p = |drift: f64| self.stagewise_p(look, z, drift);
        let ends = [(finite(z)? - SEARCH) / root_fraction, (z + SEARCH) / root_fraction];
        let (median_unbiased, interval) = inverted(ends, level, p)?;
        Ok(AdjustedEstimate { p: p(0.0)?, median_unbiased, interval })
    }

    /// The repeated confidence interval of the drift at a look, valid whether or not the trial stops
    /// there: (z -+ c) / sqrt t (C. Jennison & B. Turnbull, JRSS B 51, 1989). Its level is 1 - alpha
    /// for two-sided designs, 1 - 2 alpha for one-sided ones.
    pub fn repeated_interval(&self, look: usize, z: f64) -> Result<Interval> {
        index_below(self.looks(), look)?;
        let (scale, half) = (self.fractions()[look].sqrt(), self.upper[look]);
        Ok(Interval { lower: (finite(z)? - half) / scale, upper: (z + half) / scale })
    }
}

impl GroupSequentialPlan {
    /// The repeated p-value: the smallest level at which a design of this shape would have rejected
    /// at look number `look`, 1 where none would.
    pub fn repeated_p(&self, look: usize, z: f64) -> Result<f64> {
        index_below(self.fractions.len(), look)?;
        finite(z)?;
        let most = 0.999 * self.sides.count() * 0.5;
        let excess = |alpha: f64| {
            let plan = Self { alpha: positive(alpha)?, ..self.clone() };
            Ok((plan.solve()?.upper[look] - z).clamp(-40.0, 40.0))
        };
        if excess(most)? > 0.0 {
            return Ok(1.0);
        }
        root(1e-14, most, excess)
    }
}

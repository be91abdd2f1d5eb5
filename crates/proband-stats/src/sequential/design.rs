//! A design with its boundaries: what it does under any effect.

use super::plan::{Bounds, GroupSequentialPlan, Sides};
use super::walk::Walk;
use crate::checks::{finite, index_below, probability};
use crate::error::Result;
use crate::special::{normal_quantile_upper, root};

/// Boundaries of Z look by look, and the plan they came from.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSequentialDesign {
    /// Efficacy bounds; infinite where nothing is spent.
    pub upper: Vec<f64>,
    /// Futility bounds: minus infinity where there is none, the efficacy bound at the last look of a
    /// design with futility.
    pub lower: Vec<f64>,
    plan: GroupSequentialPlan,
}

/// The probabilities to stop at each look.
#[derive(Debug, Clone, PartialEq)]
pub struct Exits {
    /// To reject, on either side of a two-sided design.
    pub reject: Vec<f64>,
    /// To stop for futility; at the last look, where all stop, not counted as such.
    pub futility: Vec<f64>,
}

impl Exits {
    /// The probability to reject at any look.
    pub fn power(&self) -> f64 {
        self.reject.iter().sum()
    }

    /// The expected share of the whole information, for looks at `fractions`.
    fn expected(&self, fractions: &[f64]) -> f64 {
        let stopped: f64 = self
            .reject
            .iter()
            .zip(&self.futility)
            .zip(fractions)
            .map(|((r, f), t)| (r + f) * (1.0 - t))
            .sum();
        1.0 - stopped
    }
}

impl GroupSequentialDesign {
    pub(super) fn new(plan: &GroupSequentialPlan, bounds: Bounds) -> Self {
        Self { upper: bounds.upper, lower: bounds.lower, plan: plan.clone() }
    }

    /// The plan these boundaries solve.
    pub fn plan(&self) -> &GroupSequentialPlan {
        &self.plan
    }

    /// The information fractions of the looks.
    pub fn fractions(&self) -> &[f64] {
        &self.plan.fractions
    }

    /// The number of looks.
    pub fn looks(&self) -> usize {
        self.upper.len()
    }

    /// Where a trial stops without rejecting, or rejects on the lower side.
    fn stops_below(&self, look: usize) -> f64 {
        match self.plan.sides {
            Sides::Two => -self.upper[look],
            Sides::One => self.lower[look],
        }
    }

    /// The probabilities to stop when the mean of Z at full information is `drift`, that is effect
    /// times the square root of the whole information. Fails for a drift that is not finite.
    pub fn exits(&self, drift: f64) -> Result<Exits> {
        let walk = Walk::new(&self.plan.fractions, finite(drift)?);
        Ok(self.leave(walk, 0, |look| self.stops_below(look)))
    }

    fn leave(&self, mut walk: Walk<'_>, from: usize, lower: impl Fn(usize) -> f64) -> Exits {
        let mut exits = Exits { reject: Vec::new(), futility: Vec::new() };
        for look in from..self.looks() {
            let (low, high) = (lower(look), self.upper[look]);
            let (above, below) = (walk.above(high), walk.below(low));
            let both = self.plan.sides == Sides::Two;
            exits.reject.push(if both { above + below } else { above });
            let last = look + 1 == self.looks();
            exits.futility.push(if both || last { 0.0 } else { below });
            if !last {
                walk.go_on(low, high);
            }
        }
        exits
    }

    /// The type I error used up to each look, counting a trial as going on below a futility bound
    /// that does not bind.
    pub fn spent(&self) -> Result<Vec<f64>> {
        let walk = Walk::new(&self.plan.fractions, 0.0);
        let kept = |look: usize| self.plan.kept_from(self.lower[look], self.upper[look]);
        let mut total = 0.0;
        let each = self.leave(walk, 0, kept).reject;
        Ok(each
            .into_iter()
            .map(|p| {
                total += p;
                total
            })
            .collect())
    }

    /// The drift at which the design has this power; its square is rpact's `shift`.
    ///
    /// Fails with [`crate::StatsError::NoSolution`] where futility bounds keep the power below it.
    pub fn drift_for(&self, power: f64) -> Result<f64> {
        probability(power)?;
        root(0.0, 60.0, |drift| Ok(self.exits(drift)?.power() - power))
    }

    /// The information this design needs at most for `power`, divided by what a design without
    /// interim looks needs: (drift / (z_alpha + z_beta))^2.
    pub fn inflation(&self, power: f64) -> Result<f64> {
        self.inflation_at(self.drift_for(power)?, power)
    }

    /// [`Self::inflation`] where the drift for this power is known.
    pub(crate) fn inflation_at(&self, drift: f64, power: f64) -> Result<f64> {
        let fixed = normal_quantile_upper(self.plan.alpha / self.plan.sides.count())?
            + crate::special::normal_quantile(power)?;
        let ratio = drift / fixed;
        Ok(ratio * ratio)
    }

    /// The expected information under `drift`, as a share of the whole.
    pub fn expected_fraction(&self, drift: f64) -> Result<f64> {
        Ok(self.exits(drift)?.expected(&self.plan.fractions))
    }

    /// The probability to reject at a later look, given Z at look number `look` (from 0) and the
    /// drift of the whole trial (C. Jennison & B. Turnbull, *Group Sequential Methods*, ch. 10).
    pub fn conditional_power(&self, look: usize, z: f64, drift: f64) -> Result<f64> {
        index_below(self.looks() - 1, look)?;
        let walk = Walk::from(&self.plan.fractions, finite(drift)?, look, finite(z)?);
        Ok(self.leave(walk, look + 1, |k| self.stops_below(k)).power())
    }

    /// P(more extreme than `z` at look `look`) under `drift` in the stagewise ordering: an earlier
    /// rejection is more extreme than a later one, at the same look a larger Z is.
    pub fn stagewise_p(&self, look: usize, z: f64, drift: f64) -> Result<f64> {
        index_below(self.looks(), look)?;
        finite(z)?;
        Ok(self.more_extreme(Walk::new(&self.plan.fractions, finite(drift)?), look, z))
    }

    pub(super) fn more_extreme(&self, mut walk: Walk<'_>, look: usize, z: f64) -> f64 {
        let mut earlier = 0.0;
        for k in 0..look {
            earlier += walk.above(self.upper[k]);
            walk.go_on(self.plan.kept_from(self.lower[k], self.upper[k]), self.upper[k]);
        }
        earlier + walk.above(z)
    }
}

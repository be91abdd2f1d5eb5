//! Changing the size of a trial on the way.

use super::{Goal, ProportionFormula, Sizes, proportions_size};
use crate::binary::Proportion;
use crate::checks::{all_finite, at_least, finite, positive, probability, sum};
use crate::error::{Result, StatsError};
use crate::special::{
    normal_density, normal_lower, normal_quantile, normal_quantile_upper, normal_upper, panels,
};

/// The variance seen without knowing the arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlindedVariance {
    /// Of all values together.
    pub lumped: f64,
    /// Less what the planned difference of equal arms adds, N d^2 / (4 (N - 1)) (D. Zucker et al.,
    /// Statistics in Medicine 18, 1999); never below zero.
    pub adjusted: f64,
}

/// The variance of `values` of both arms together, with and without the share of the planned `difference`.
pub fn blinded_variance(values: &[f64], difference: f64) -> Result<BlindedVariance> {
    all_finite(values)?;
    at_least(2, values.len())?;
    let n = values.len() as f64;
    let mean = crate::checks::mean(values)?;
    let lumped = sum(values.iter().map(|v| (v - mean) * (v - mean))) / (n - 1.0);
    let share = n / (4.0 * (n - 1.0)) * finite(difference)? * difference;
    Ok(BlindedVariance { lumped, adjusted: (lumped - share).max(0.0) })
}

impl BlindedVariance {
    /// The size of each arm for a variance, 2 (z_a + z_b)^2 s^2 / d^2 (M. Kieser & T. Friede, Statistics in
    /// Medicine 22, 2003).
    pub fn size(variance: f64, difference: f64, goal: Goal) -> Result<f64> {
        let (za, zb) = goal.deviates()?;
        let z = (za + zb) / positive(difference.abs())?;
        Ok(2.0 * z * z * positive(variance)?)
    }
}

/// The size for two proportions with the planned `difference` around a pooled rate seen without knowing
/// the arms (A. Gould, Statistics in Medicine 11, 1992), by Fleiss' pooled formula with equal arms.
pub fn blinded_rate_size(pooled: Proportion, difference: f64, goal: Goal) -> Result<Sizes> {
    let rate = pooled.value();
    let half = 0.5 * finite(difference)?;
    proportions_size(rate + half, rate - half, 1.0, ProportionFormula::Pooled, goal)
}

/// What C. Mehta & S. Pocock's promising zone says at an interim look (Statistics in Medicine 30, 2011).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PromisingZone {
    /// Conditional power at the effect seen, with the size as planned.
    pub conditional_power: f64,
    /// The total size at which it would reach the power (their eq. 7).
    pub size: f64,
    /// The same, no smaller than planned and no larger than the most allowed.
    pub capped: f64,
    /// The bound of the final Z, computed as usual from all data, that keeps the level at the capped size
    /// (their eq. 6; the test of L. Cui, H. Hung & S. Wang).
    pub critical: f64,
}

/// `z` after `n1` of `planned` participants, of whom at most `most` may be enrolled.
pub fn promising_zone(
    z: f64,
    [n1, planned, most]: [f64; 3],
    goal: Goal,
) -> Result<PromisingZone> {
    crate::checks::increasing(&[n1, planned])?;
    if finite(most)? < planned {
        return Err(StatsError::OutOfRange { value: most });
    }
    let (za, zb) = goal.deviates()?;
    finite(z)?;
    let left = planned - n1;
    // (z_a sqrt(n) - z sqrt(n1)) / sqrt(n - n1), what the rest must show.
    let needed = (za * planned.sqrt() - z * n1.sqrt()) / left.sqrt();
    let conditional_power = normal_lower(z * (left / n1).sqrt() - needed);
    if z <= 0.0 {
        // An effect on the wrong side reaches no power.
        return Err(StatsError::NoSolution);
    }
    let more = (needed + zb) * n1.sqrt() / z;
    let size = n1 + more * more;
    let capped = size.clamp(planned, most);
    let critical = (needed * (capped - n1).sqrt() + z * n1.sqrt()) / capped.sqrt();
    Ok(PromisingZone { conditional_power, size, capped, critical })
}

/// A trial of two stages whose second size depends on the first result, analysed by the inverse normal
/// combination with the weights planned. Known variance; sizes are of each arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoStagePlan {
    /// Participants of the first stage in each arm.
    pub first: u64,
    /// Those planned for the second.
    pub second: u64,
    /// The most for the second.
    pub most: u64,
    /// The one-sided level.
    pub alpha: f64,
    /// Conditional power at the effect seen that the second stage should have.
    pub conditional_power: f64,
    /// Stop for futility, bindingly, unless the first Z is above this.
    pub futility: f64,
}

/// What such a trial does on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SecondStage {
    /// The probability to reject.
    pub power: f64,
    /// Participants expected in each arm.
    pub expected: f64,
}

impl TwoStagePlan {
    /// Squared weights of the two stages.
    fn weights(&self) -> (f64, f64) {
        let (first, second) = (self.first as f64, self.second as f64);
        (first / (first + second), second / (first + second))
    }

    fn check(&self) -> Result<()> {
        at_least(1, self.first as usize)?;
        at_least(1, self.second as usize)?;
        if self.most < self.second {
            return Err(StatsError::OutOfRange { value: self.most as f64 });
        }
        probability(2.0 * self.alpha)?;
        probability(self.conditional_power)?;
        finite(self.futility).map(|_| ())
    }

    /// What the second Z must exceed, given the first.
    fn needed(&self, z: f64) -> Result<f64> {
        let (w1, w2) = self.weights();
        Ok((normal_quantile_upper(self.alpha)? - w1.sqrt() * z) / w2.sqrt())
    }

    /// The second stage's size after `z`: n1 / z^2 (z_cp + needed)^2 rounded up, within its limits; the most
    /// allowed for an effect on the wrong side.
    pub fn second_size(&self, z: f64) -> Result<u64> {
        self.check()?;
        if finite(z)? <= 0.0 {
            return Ok(self.most);
        }
        let z_power = normal_quantile(self.conditional_power)?;
        let needed = (z_power + self.needed(z)?).max(0.0) / z;
        let size = (self.first as f64 * needed * needed).ceil();
        Ok(if size >= self.most as f64 { self.most } else { (size as u64).max(self.second) })
    }

    /// Power and expected size for a difference of `effect` standard deviations, by integrating over the
    /// first Z between the values at which the second size changes.
    pub fn operating(&self, effect: f64) -> Result<SecondStage> {
        self.check()?;
        let mean = finite(effect)? * (0.5 * self.first as f64).sqrt();
        let (from, to) = (self.futility.max(mean - 9.0), mean + 9.0);
        let mut found = SecondStage { power: 0.0, expected: self.first as f64 };
        for (low, high) in self.pieces(from, to)? {
            let size = self.second_size(0.5 * (low + high))? as f64;
            let second = effect * (0.5 * size).sqrt();
            for (z, weight) in panels(low, high, 1.0) {
                let mass = weight * normal_density(z - mean);
                found.power += mass * normal_upper(self.needed(z)? - second);
                found.expected += mass * size;
            }
        }
        Ok(found)
    }

    /// Stretches of the first Z on which the second size is the same, found by halving.
    fn pieces(&self, from: f64, to: f64) -> Result<Vec<(f64, f64)>> {
        const STEPS: u32 = 2000;
        let mut pieces = Vec::new();
        let (mut start, mut last) = (from, self.second_size(from)?);
        let step = (to - from) / f64::from(STEPS);
        for k in 1..=STEPS {
            let here = from + f64::from(k) * step;
            let mut low = here - step;
            while self.second_size(here)? != last {
                let change = self.change(low, here, last)?;
                pieces.push((start, change));
                (start, low) = (change, change);
                last = self.second_size(change)?;
            }
        }
        pieces.push((start, to));
        Ok(pieces.into_iter().filter(|(low, high)| low < high).collect())
    }

    /// The first value after `low` at which the size is no longer `size`, given that it is not at `high`.
    fn change(&self, mut low: f64, mut high: f64, size: u64) -> Result<f64> {
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.second_size(middle)? == size {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }
}

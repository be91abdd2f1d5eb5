//! The search of a size, over whatever gives the rejections at one.

use super::curve::{Batch, Curve};
use std::ops::Range;

/// What is looked for, and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) power: f64,
    pub(super) level: f64,
    /// Standard error of the power at the answer that ends the search.
    pub(super) precision: f64,
    /// Repetitions at most, the confirming ones among them.
    pub(super) replicates: u32,
    /// Where to begin.
    pub(super) start: u64,
    /// Sizes are multiples of it.
    pub(super) step: u64,
}

/// A size, and how it was found.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) participants: u64,
    /// 95 % interval of the size that reaches the power, not rounded.
    pub(super) interval: (f64, f64),
    pub(super) path: Vec<Batch>,
    /// At the answer, by repetitions that the search did not use.
    pub(super) confirmed: Batch,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) enum Stopped {
    /// Power does not grow from the smallest of these to the largest.
    Flat(Vec<Batch>),
    /// It would take more participants than we simulate.
    TooMany(Vec<Batch>),
    /// The repetitions are used up, and no size was bracketed.
    UsedUp(Vec<Batch>),
}

/// The smallest number of repetitions that a search can be made with.
pub(super) const FEWEST: u32 = 1000;
/// More participants than any trial has.
const MOST: u64 = 1_000_000;
/// Batches that the repetitions make; the last quarter of them confirms.
const BATCHES: u32 = 20;
/// A size is at most so many times the largest before it, or the smallest by it.
const LEAP: f64 = 4.0;
/// Power that does not grow while participants do by this factor, does not grow.
const SPAN: u64 = 16;
/// Sizes around the answer, which tell the slope.
const AROUND: [f64; 3] = [0.85, 1.15, 1.0];

/// Looks for the size. `rejections` counts them among the repetitions of a range at a size. Ranges do not
/// overlap, so that batches are independent, as the regression takes them to be.
pub(super) fn search<E: From<Stopped>>(
    wanted: &Wanted,
    mut rejections: impl FnMut(u64, Range<u32>) -> Result<u32, E>,
) -> Result<Answer, E> {
    let mut used = 0;
    let mut batch = |participants, replicates| -> Result<Batch, E> {
        let rejected = rejections(participants, used..used + replicates)?;
        used += replicates;
        Ok(Batch { participants, replicates, rejected })
    };
    let confirming = wanted.replicates / 4;
    let most = BATCHES - BATCHES / 4;
    let mut path = Path { wanted, batches: Vec::new() };
    while path.batches.len() < most as usize && !path.is_precise() {
        let participants = path.next()?;
        path.batches.push(batch(participants, wanted.replicates / BATCHES)?);
    }
    let curve = path.bracketed().ok_or_else(|| Stopped::UsedUp(path.batches.clone()))?;
    let participants = path.rounded(curve.participants(wanted.power))?;
    Ok(Answer {
        participants,
        interval: curve.interval(wanted.power),
        confirmed: batch(participants, confirming)?,
        path: path.batches,
    })
}

struct Path<'w> {
    wanted: &'w Wanted,
    batches: Vec<Batch>,
}

impl Path<'_> {
    /// The size to simulate next.
    fn next(&self) -> Result<u64, Stopped> {
        let Some(last) = self.batches.last() else {
            return self.rounded(self.wanted.start as f64);
        };
        let (smallest, largest) = self.range();
        let (least, most) = (smallest as f64 / LEAP, largest as f64 * LEAP);
        let wanted = self.wanted.power;
        let towards = |curve: Curve| {
            let around = AROUND[self.batches.len() % AROUND.len()];
            (curve.participants(wanted) * around).clamp(least, most)
        };
        let size = match self.curve() {
            None => towards(Curve::through(self.wanted.level, last)),
            Some(curve) if curve.grows() => towards(curve),
            Some(_) if last.power() > wanted => least,
            Some(_) if largest >= SPAN * smallest => {
                return Err(Stopped::Flat(self.batches.clone()));
            }
            Some(_) => most,
        };
        self.rounded(size)
    }

    /// By the sizes within a factor of two of what all of them say, if there are two: the curve is a
    /// line near the answer, and need not be one far away.
    fn curve(&self) -> Option<Curve> {
        let all = Curve::fit(&self.batches)?;
        let size = all.participants(self.wanted.power);
        let is_near =
            |batch: &&Batch| (size / 2.0..=size * 2.0).contains(&(batch.participants as f64));
        let near: Vec<Batch> = self.batches.iter().filter(is_near).copied().collect();
        Some(Curve::fit(&near).filter(Curve::grows).unwrap_or(all))
    }

    /// The curve, where it grows and the answer lies between sizes that were simulated.
    fn bracketed(&self) -> Option<Curve> {
        let curve = self.curve().filter(Curve::grows)?;
        let (smallest, largest) = self.range();
        let size = self.rounded(curve.participants(self.wanted.power)).ok()?;
        (smallest..=largest).contains(&size).then_some(curve)
    }

    fn is_precise(&self) -> bool {
        let wanted = self.wanted;
        self.bracketed()
            .is_some_and(|curve| curve.power_error(wanted.power) <= wanted.precision)
    }

    /// The smallest and the largest size so far.
    fn range(&self) -> (u64, u64) {
        let sizes = || self.batches.iter().map(|batch| batch.participants);
        (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0))
    }

    /// Up to the next multiple of the step.
    fn rounded(&self, size: f64) -> Result<u64, Stopped> {
        if size > MOST as f64 {
            return Err(Stopped::TooMany(self.batches.clone()));
        }
        let step = self.wanted.step;
        Ok((size.ceil() as u64).div_ceil(step).max(1) * step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_math::normal_cdf;

    const WANTED: Wanted = Wanted {
        power: 0.9,
        level: 0.05,
        precision: 0.005,
        replicates: 10_000,
        start: 40,
        step: 2,
    };

    /// A design whose rejections are as many as its power says.
    fn found(wanted: &Wanted, power: impl Fn(f64) -> f64) -> Result<Answer, Stopped> {
        search(wanted, |n, range| {
            Ok((power((n as f64).sqrt()) * f64::from(range.len() as u32)).round() as u32)
        })
    }

    /// Phi(-1.96 + 0.25 sqrt(n)) is 0.9 at n = 168.1.
    fn known(root: f64) -> f64 {
        normal_cdf(-1.959_964 + 0.25 * root)
    }

    #[test]
    fn a_known_curve_is_found_from_below_and_from_above() {
        for start in [4, 40, 168, 4000] {
            let answer = found(&Wanted { start, ..WANTED }, known).unwrap();
            assert!((168..=172).contains(&answer.participants), "{start}: {answer:?}");
            let (lower, upper) = answer.interval;
            assert!(lower < 168.1 && 168.1 < upper && upper - lower < 20.0, "{answer:?}");
            assert!((answer.confirmed.power() - 0.9).abs() < 0.01);
        }
    }

    #[test]
    fn repetitions_are_never_used_twice_and_never_more_than_given() {
        let mut next = 0;
        let counted = search::<Stopped>(&WANTED, |n, range| {
            assert_eq!(range.start, next);
            next = range.end;
            Ok((known((n as f64).sqrt()) * f64::from(range.len() as u32)).round() as u32)
        });
        assert!(counted.is_ok() && next <= WANTED.replicates);
    }

    #[test]
    fn sizes_are_multiples_of_the_step() {
        let answer = found(&Wanted { step: 7, ..WANTED }, known).unwrap();
        assert!(answer.path.iter().all(|batch| batch.participants % 7 == 0));
        assert!(answer.participants == 175 || answer.participants == 168);
    }

    #[test]
    fn what_cannot_be_reached_is_said() {
        assert!(matches!(found(&WANTED, |_| 0.05), Err(Stopped::Flat(_))));
        let slow = |root: f64| normal_cdf(-1.96 + 0.0005 * root);
        assert!(found(&WANTED, slow).is_err());
    }
}

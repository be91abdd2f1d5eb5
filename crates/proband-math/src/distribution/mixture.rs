//! Mixtures: each law with its share, one draw for both the choice and the value.
//!
//! The inverse of the mixture's own distribution function is what keeps the value increasing in
//! the uniform number, so that a mixture can be correlated with others and compared between arms.
//! A choice of the part by one number and of the value by another would lose both.

use super::Law;
use crate::special::{Tail, Tails};

/// Laws with shares above zero that sum to one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mixture {
    parts: Box<[(f64, Law)]>,
}

impl Mixture {
    /// The mixture of these laws; shares need no particular sum, and those of zero are left out.
    /// None if no share is above zero.
    pub(super) fn new(parts: impl IntoIterator<Item = (f64, Law)>) -> Option<Self> {
        let mut parts: Vec<_> = parts.into_iter().filter(|part| part.0 > 0.0).collect();
        let sum: f64 = parts.iter().map(|part| part.0).sum();
        parts.iter_mut().for_each(|part| part.0 /= sum);
        (!parts.is_empty()).then(|| Self { parts: parts.into() })
    }

    /// The part between two points, both included, and its probability: the same parts within
    /// them, each with the share that it has there. None if it is empty.
    pub(super) fn within(self, low: f64, high: f64) -> Option<(Self, f64)> {
        let inside = self.parts.into_iter().filter_map(|(share, law)| {
            law.within(low, high).map(|(law, probability)| (share * probability, law))
        });
        let inside: Vec<_> = inside.collect();
        let probability = inside.iter().map(|part| part.0).sum();
        Some((Self::new(inside)?, probability))
    }

    pub(super) fn tails(&self, x: f64) -> Tails {
        self.sum(|law| law.tails(x))
    }

    /// The probabilities before `x` and from `x` on.
    pub(super) fn before(&self, x: f64) -> Tails {
        self.sum(|law| law.before(x))
    }

    fn sum(&self, tails: impl Fn(&Law) -> Tails) -> Tails {
        let mut sum = Tails { lower: 0.0, upper: 0.0 };
        for (share, law) in &self.parts {
            let part = tails(law);
            sum.lower += share * part.lower;
            sum.upper += share * part.upper;
        }
        sum
    }

    /// The smallest number whose lower tail is at least, or whose upper tail is at most, the one
    /// asked for; it lies between the quantiles of the parts.
    pub(super) fn quantile(&self, tail: Tail) -> f64 {
        let tail = tail.smaller();
        let of_parts = self.parts.iter().map(|part| part.1.quantile(tail));
        let (low, high) = of_parts
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                (low.min(x), high.max(x))
            });
        if low >= high || tail == Tail::Lower(0.0) {
            return low;
        }
        if tail == Tail::Upper(0.0) {
            return high;
        }
        self.first_above(tail, low, high)
    }

    /// How far the named tail at `x` is beyond the one asked for: not below zero where `x` is enough.
    fn excess(&self, tail: Tail, x: f64) -> f64 {
        match tail {
            Tail::Lower(p) => self.tails(x).lower - p,
            Tail::Upper(q) => q - self.tails(x).upper,
        }
    }

    /// The first number in a bracket that is enough: false position, Illinois's rule (Dowell and
    /// Jarratt, BIT 11, 1971), with a halving wherever two steps have not halved the bracket.
    fn first_above(&self, tail: Tail, mut low: f64, mut high: f64) -> f64 {
        const CLOSE: f64 = 1e-15;
        let (mut below, mut above) = (self.excess(tail, low), self.excess(tail, high));
        if below >= 0.0 {
            return low;
        }
        let mut width = f64::INFINITY;
        let mut step = 0_u32;
        while high - low > CLOSE * low.abs().max(high.abs()) {
            let halve = step % 3 == 2 && high - low > 0.5 * width;
            if step.is_multiple_of(3) {
                width = high - low;
            }
            step += 1;
            let secant = low - below * (high - low) / (above - below);
            let inside = !halve && low < secant && secant < high;
            let x = if inside { secant } else { low + 0.5 * (high - low) };
            if x <= low || x >= high {
                break;
            }
            let excess = self.excess(tail, x);
            if excess < 0.0 {
                (low, below) = (x, excess);
                above *= 0.5;
            } else {
                (high, above) = (x, excess);
                below *= 0.5;
            }
        }
        self.atom(tail, low, high)
    }

    /// The end of a narrow bracket, or the single value with a probability of its own that lies
    /// in it.
    fn atom(&self, tail: Tail, low: f64, high: f64) -> f64 {
        let with_atoms = self.parts.iter().filter(|part| part.1.has_atoms());
        let last_atoms = with_atoms.map(|(_, law)| law.quantile(law.tails(high).smaller()));
        last_atoms
            .filter(|&atom| low < atom && atom < high && self.excess(tail, atom) >= 0.0)
            .fold(high, f64::min)
    }

    pub(super) fn is_discrete(&self) -> bool {
        self.parts.iter().all(|part| part.1.is_discrete())
    }

    pub(super) fn has_atoms(&self) -> bool {
        self.parts.iter().any(|part| part.1.has_atoms())
    }

    pub(super) fn mean(&self) -> f64 {
        self.parts.iter().map(|(share, law)| share * law.mean()).sum()
    }

    /// The variance is that within the parts and that between them.
    pub(super) fn sd(&self) -> f64 {
        let mean = self.mean();
        let variance = self.parts.iter().map(|(share, law)| {
            let (sd, off) = (law.sd(), law.mean() - mean);
            share * (sd * sd + off * off)
        });
        variance.sum::<f64>().sqrt()
    }
}

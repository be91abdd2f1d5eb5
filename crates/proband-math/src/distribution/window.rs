//! Truncation by the inverse distribution function.

use super::Law;
use super::batch::Bounds;
use crate::normal_cdf;
use crate::special::{Tail, Tails};

/// The part of a law between two points, both included.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    law: Box<Law>,
    low: f64,
    high: f64,
    /// The probability below the window.
    below: f64,
    /// The probability above it.
    above: f64,
    /// The probability within, taken from the side with the more digits.
    within: f64,
}

impl Window {
    /// The window, unless no probability lies in it.
    pub(super) fn new(law: Law, low: f64, high: f64) -> Option<Self> {
        let (low, high) =
            if law.is_discrete() { (low.ceil(), high.floor()) } else { (low, high) };
        let before = law.before(low);
        let after = law.tails(high);
        let within = if before.upper <= 0.5 {
            before.upper - after.upper
        } else if after.lower <= 0.5 {
            after.lower - before.lower
        } else {
            1.0 - before.lower - after.upper
        };
        let (below, above) = (before.lower, after.upper);
        (within > 0.0).then(|| Self { law: Box::new(law), low, high, below, above, within })
    }

    /// The law that the window is of.
    pub(super) fn law(&self) -> &Law {
        &self.law
    }

    /// The ends, and the probabilities on each side of them.
    pub(super) fn bounds(&self) -> Bounds {
        let Self { low, high, below, above, within, .. } = *self;
        Bounds { low, high, below, above, within }
    }

    pub(super) fn tails(&self, x: f64) -> Tails {
        if x < self.low {
            return Tails::from_lower(0.0);
        }
        if x >= self.high {
            return Tails::from_upper(0.0);
        }
        let tails = self.law.tails(x);
        let lower = (tails.lower - self.below) / self.within;
        let upper = (tails.upper - self.above) / self.within;
        // Far out on one side only the tails of that side have digits.
        if tails.lower < tails.upper {
            Tails::from_lower(lower.clamp(0.0, 1.0))
        } else {
            Tails::from_upper(upper.clamp(0.0, 1.0))
        }
    }

    /// The window's share of probability, mapped onto the whole law's.
    pub(super) fn quantile(&self, tail: Tail) -> f64 {
        let p = self.below + tail.lower() * self.within;
        let q = self.above + tail.upper() * self.within;
        let tail = if p <= q { Tail::Lower(p) } else { Tail::Upper(q) };
        self.law.quantile(tail).clamp(self.low, self.high)
    }

    pub(super) fn is_discrete(&self) -> bool {
        self.law.is_discrete()
    }

    /// The probabilities before `x` and from `x` on.
    pub(super) fn before(&self, x: f64) -> Tails {
        if self.is_discrete() { self.tails(x.ceil() - 1.0) } else { self.tails(x) }
    }

    pub(super) fn mean(&self) -> f64 {
        self.expectation(|x| x)
    }

    pub(super) fn sd(&self) -> f64 {
        let mean = self.mean();
        self.expectation(|x| (x - mean) * (x - mean)).sqrt()
    }

    fn expectation(&self, f: impl Fn(f64) -> f64) -> f64 {
        if self.is_discrete() { self.sum(f) } else { self.integral(f) }
    }

    /// `f` summed over the numbers that matter.
    fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        const NEGLIGIBLE: f64 = 1e-18;
        let last = self.quantile(Tail::Upper(NEGLIGIBLE));
        let mut k = self.quantile(Tail::Lower(NEGLIGIBLE));
        let mut before = self.before(k);
        let mut sum = 0.0;
        while k <= last {
            let now = self.tails(k);
            let probability = if now.lower <= now.upper {
                now.lower - before.lower
            } else {
                before.upper - now.upper
            };
            sum += probability * f(k);
            before = now;
            k += 1.0;
        }
        sum
    }

    /// `f` integrated over normal scores, where the trapezium rule converges faster than any
    /// power of its step, the integrand and all its derivatives vanishing at both ends.
    fn integral(&self, f: impl Fn(f64) -> f64) -> f64 {
        const STEP: f64 = 1.0 / 32.0;
        const REACH: i32 = 9 * 32;
        let mut sum = 0.0;
        let mut weights = 0.0;
        for i in -REACH..=REACH {
            let z = f64::from(i) * STEP;
            let tail =
                if z <= 0.0 { Tail::Lower(normal_cdf(z)) } else { Tail::Upper(normal_cdf(-z)) };
            let weight = crate::normal_pdf(z);
            sum += weight * f(self.quantile(tail));
            weights += weight;
        }
        sum / weights
    }
}

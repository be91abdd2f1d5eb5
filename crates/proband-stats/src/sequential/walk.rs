//! The path of a test statistic from look to look, as long as it stays between its bounds.
//!
//! P. Armitage, C. McPherson & B. Rowe (JRSS A 132, 1969): the density of the statistic among
//! trials that go on is carried from look to look by numerical integration. Z at a look is normal
//! with mean drift sqrt(t) and variance 1, and Z sqrt(t) has independent increments.

use crate::special::{normal_density, normal_lower, normal_upper, panels};

/// The density further than this many standard deviations from its mean is nothing in a double.
const REACH: f64 = 8.7;

/// How much each look adds to the information.
pub(super) fn steps(fractions: &[f64]) -> impl Iterator<Item = f64> {
    fractions.iter().scan(0.0, |before, &t| {
        let step = t - *before;
        *before = t;
        Some(step)
    })
}

/// Trials that have not stopped, as masses at points.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    fractions: &'a [f64],
    /// The mean by which Z sqrt(t) grows up to each look.
    gains: Vec<f64>,
    /// How many looks have been passed.
    looks: usize,
    /// Values of Z at the last look with the probability each stands for.
    going_on: Vec<(f64, f64)>,
}

impl<'a> Walk<'a> {
    /// Before the first of the looks at these shares of the information; `drift` is the mean of Z at
    /// share 1.
    pub(super) fn new(fractions: &'a [f64], drift: f64) -> Self {
        Self::with_gains(fractions, steps(fractions).map(|step| drift * step).collect())
    }

    /// [`Self::new`] where what is gained up to each look is not in proportion to its share.
    pub(super) fn with_gains(fractions: &'a [f64], gains: Vec<f64>) -> Self {
        Self { fractions, gains, looks: 0, going_on: vec![(0.0, 1.0)] }
    }

    /// Known to be at `z` at look number `look`, counted from 0.
    pub(super) fn from(fractions: &'a [f64], drift: f64, look: usize, z: f64) -> Self {
        Self { looks: look + 1, going_on: vec![(z, 1.0)], ..Self::new(fractions, drift) }
    }

    fn passed(&self) -> f64 {
        self.looks.checked_sub(1).map_or(0.0, |k| self.fractions[k])
    }

    /// How many standard deviations the next Z is from `z`, for each point with its mass.
    fn deviates(&self, z: f64) -> impl Iterator<Item = (f64, f64)> {
        let (old, new) = (self.passed(), self.fractions[self.looks]);
        let (step, target) = (new - old, z * new.sqrt() - self.gains[self.looks]);
        let (scale, root) = (1.0 / step.sqrt(), old.sqrt());
        self.going_on.iter().map(move |&(u, mass)| ((target - u * root) * scale, mass))
    }

    /// The probability to go on to the next look and find Z above `z` there.
    pub(super) fn above(&self, z: f64) -> f64 {
        if z == f64::INFINITY {
            return 0.0;
        }
        self.deviates(z).map(|(x, mass)| mass * normal_upper(x)).sum()
    }

    /// The probability to go on to the next look and find Z below `z` there.
    pub(super) fn below(&self, z: f64) -> f64 {
        if z == f64::NEG_INFINITY {
            return 0.0;
        }
        self.deviates(z).map(|(x, mass)| mass * normal_lower(x)).sum()
    }

    /// Passes the next look, keeping the trials between the bounds.
    pub(super) fn go_on(&mut self, lower: f64, upper: f64) {
        let (old, new) = (self.passed(), self.fractions[self.looks]);
        let gained: f64 = self.gains[..=self.looks].iter().sum();
        let (from, to) = self.range(gained / new.sqrt(), lower, upper);
        let scale = (new / (new - old)).sqrt();
        let points = panels(from, to, 2.0 * self.narrowest());
        let density = |z: f64| -> f64 {
            self.deviates(z).map(|(x, mass)| mass * normal_density(x)).sum::<f64>() * scale
        };
        self.going_on = points.into_iter().map(|(z, w)| (z, w * density(z))).collect();
        self.looks += 1;
    }

    /// Where anything is left to integrate: a walk that starts far from its mean stays near itself.
    fn range(&self, mean: f64, lower: f64, upper: f64) -> (f64, f64) {
        let far = match self.going_on.as_slice() {
            [(z, _)] => z.abs(),
            _ => 0.0,
        };
        (lower.max(mean - REACH - far), upper.min(mean + REACH + far))
    }

    /// The standard deviation of the narrowest bell that the density at the next look is made of, or
    /// that the look after it asks for.
    fn narrowest(&self) -> f64 {
        let (old, new) = (self.passed(), self.fractions[self.looks]);
        let back = (new - old) / new;
        let ahead = self.fractions.get(self.looks + 1).map_or(1.0, |next| (next - new) / new);
        back.min(ahead).min(1.0).sqrt()
    }
}

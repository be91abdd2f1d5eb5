//! Student's t-tests of one mean and of two.

use crate::checks::{all_finite, at_least, mean, same_length};
use crate::descriptive::{Moments, variance};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, Reference};

/// How close (relative to the values) a standard error may come to rounding noise before the data
/// count as constant; R's `t.test` uses the same factor.
const ESSENTIALLY_CONSTANT: f64 = 10.0 * f64::EPSILON;

/// The mean of `x` minus `null`, by t on n - 1 degrees of freedom.
///
/// Fails below two values, on values that are not finite, and where all values are equal.
pub fn one_sample(x: &[f64], null: f64, level: Level) -> Result<Effect> {
    let x = Sample::of(x)?;
    x.mean_above(null, level)
}

/// [`one_sample`] from a streamed summary; values missing there are left out.
pub fn one_sample_from_moments(x: &Moments, null: f64, level: Level) -> Result<Effect> {
    Sample::of_moments(x)?.mean_above(null, level)
}

/// The mean of `x` minus the mean of `y`, with unequal variances.
///
/// se^2 = s_x^2/n_x + s_y^2/n_y, with Satterthwaite's degrees of freedom
/// se^4 / (s_x^4/(n_x^2(n_x-1)) + s_y^4/(n_y^2(n_y-1))) (B. L. Welch, Biometrika 34, 1947).
/// Fails below two values in either sample and where both samples are constant.
pub fn welch(x: &[f64], y: &[f64], level: Level) -> Result<Effect> {
    Sample::of(x)?.welch(Sample::of(y)?, level)
}

/// [`welch`] from streamed summaries.
pub fn welch_from_moments(x: &Moments, y: &Moments, level: Level) -> Result<Effect> {
    Sample::of_moments(x)?.welch(Sample::of_moments(y)?, level)
}

/// The mean of `x` minus the mean of `y`, with one common variance and n_x + n_y - 2 degrees of
/// freedom. Fails below three values together, in an empty sample and where both are constant.
pub fn pooled(x: &[f64], y: &[f64], level: Level) -> Result<Effect> {
    Sample::of_any_size(x)?.pooled(Sample::of_any_size(y)?, level)
}

/// The mean of the differences `x - y` of pairs, by t on n - 1 degrees of freedom.
pub fn paired(x: &[f64], y: &[f64], level: Level) -> Result<Effect> {
    same_length(x.len(), y.len())?;
    all_finite(x)?;
    all_finite(y)?;
    let differences: Vec<f64> = x.iter().zip(y).map(|(a, b)| a - b).collect();
    one_sample(&differences, 0.0, level)
}

/// Size, mean and variance of one sample.
#[derive(Debug, Clone, Copy)]
struct Sample {
    n: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn of(x: &[f64]) -> Result<Self> {
        at_least(2, x.len())?;
        Self::of_any_size(x)
    }

    /// A single value has a mean and contributes nothing to a pooled variance.
    fn of_any_size(x: &[f64]) -> Result<Self> {
        at_least(1, x.len())?;
        all_finite(x)?;
        let variance = if x.len() == 1 { 0.0 } else { variance(x)? };
        Ok(Self { n: x.len() as f64, mean: mean(x)?, variance })
    }

    fn of_moments(x: &Moments) -> Result<Self> {
        Ok(Self { n: x.n() as f64, variance: x.variance()?, mean: x.mean()? })
    }

    fn mean_above(self, null: f64, level: Level) -> Result<Effect> {
        let se = (self.variance / self.n).sqrt();
        not_constant(se, self.mean.abs().max(null.abs()))?;
        Effect::wald(self.mean - null, se, Reference::T { df: self.n - 1.0 }, level)
    }

    fn welch(self, other: Self, level: Level) -> Result<Effect> {
        let (a, b) = (self.variance / self.n, other.variance / other.n);
        let se = (a + b).sqrt();
        self.not_both_constant(other, se)?;
        // Shares of the variance, so that neither square can overflow or vanish.
        let (a, b) = (a / (a + b), b / (a + b));
        let df = 1.0 / (a * a / (self.n - 1.0) + b * b / (other.n - 1.0));
        Effect::wald(self.mean - other.mean, se, Reference::T { df }, level)
    }

    fn pooled(self, other: Self, level: Level) -> Result<Effect> {
        let df = self.n + other.n - 2.0;
        at_least(3, (self.n + other.n) as usize)?;
        let squares = self.variance * (self.n - 1.0) + other.variance * (other.n - 1.0);
        let se = (squares / df * (1.0 / self.n + 1.0 / other.n)).sqrt();
        self.not_both_constant(other, se)?;
        Effect::wald(self.mean - other.mean, se, Reference::T { df }, level)
    }

    fn not_both_constant(self, other: Self, se: f64) -> Result<()> {
        not_constant(se, self.mean.abs().max(other.mean.abs()))
    }
}

fn not_constant(se: f64, scale: f64) -> Result<()> {
    crate::checks::not_overflown(se)?;
    if se > ESSENTIALLY_CONSTANT * scale { Ok(()) } else { Err(StatsError::ZeroVariance) }
}

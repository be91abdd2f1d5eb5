//! Means and variances of normal samples: Student's t-tests of one mean and of two, and their kin.

use crate::checks::{all_finite, at_least, mean, same_length};
use crate::descriptive::{Moments, variance};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, FTest, Interval, Level, Reference};
use crate::special::{exp, f_quantile_upper, f_upper, ln_gamma};

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

/// [`pooled`] from streamed summaries.
pub fn pooled_from_moments(x: &Moments, y: &Moments, level: Level) -> Result<Effect> {
    Sample::of_moments(x)?.pooled(Sample::of_moments(y)?, level)
}

/// The mean of the differences `x - y` of pairs, by t on n - 1 degrees of freedom.
pub fn paired(x: &[f64], y: &[f64], level: Level) -> Result<Effect> {
    same_length(x.len(), y.len())?;
    all_finite(x)?;
    all_finite(y)?;
    let differences: Vec<f64> = x.iter().zip(y).map(|(a, b)| a - b).collect();
    one_sample(&differences, 0.0, level)
}

/// The ratio of two variances with its F test and interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceRatio {
    /// The variance of `x` over that of `y`; [`FTest::p`] is one-sided, for a larger variance of `x`.
    pub test: FTest,
    /// The two-sided p-value, twice the smaller tail.
    pub p: f64,
    /// The interval of the ratio.
    pub interval: Interval,
}

/// Compares two variances of normal samples by s_x^2/s_y^2 on F(n_x - 1, n_y - 1).
///
/// Fails below two values in either sample and where either is constant.
pub fn variance_ratio(x: &[f64], y: &[f64], level: Level) -> Result<VarianceRatio> {
    let (x, y) = (Sample::of(x)?, Sample::of(y)?);
    for sample in [x, y] {
        not_constant(sample.variance.sqrt(), sample.mean.abs())?;
    }
    let (df1, df2) = (x.n - 1.0, y.n - 1.0);
    let ratio = x.variance / y.variance;
    let test = FTest::new(ratio, df1, df2)?;
    let below = f_upper(1.0 / ratio, df2, df1)?;
    Ok(VarianceRatio {
        test,
        p: 2.0 * test.p.min(below),
        interval: Interval {
            lower: ratio / f_quantile_upper(level.tail(), df1, df2)?,
            upper: ratio * f_quantile_upper(level.tail(), df2, df1)?,
        },
    })
}

/// A difference of means in units of the pooled standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardisedDifference {
    /// (mean x - mean y) / s_pooled: Cohen's d.
    pub cohen_d: f64,
    /// d times J(n_x + n_y - 2), J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)), which takes away its bias
    /// (L. V. Hedges, Journal of Educational Statistics 6, 1981, eq. 6e).
    pub hedges_g: f64,
    /// The pooled standard deviation.
    pub pooled_sd: f64,
}

/// The standardised difference of two means. Fails where [`pooled`] does.
pub fn standardised_difference(x: &[f64], y: &[f64]) -> Result<StandardisedDifference> {
    let (x, y) = (Sample::of_any_size(x)?, Sample::of_any_size(y)?);
    let df = x.n + y.n - 2.0;
    at_least(3, (x.n + y.n) as usize)?;
    let squares = x.variance * (x.n - 1.0) + y.variance * (y.n - 1.0);
    let pooled_sd = (squares / df).sqrt();
    x.not_both_constant(y, pooled_sd)?;
    let cohen_d = (x.mean - y.mean) / pooled_sd;
    let unbias = exp(ln_gamma(0.5 * df) - ln_gamma(0.5 * (df - 1.0))) / (0.5 * df).sqrt();
    let hedges_g = if df > 1.0 { cohen_d * unbias } else { 0.0 };
    Ok(StandardisedDifference { cohen_d, hedges_g, pooled_sd })
}

/// One-way analysis of variance: the F test that all groups have the same mean.
///
/// Fails below two groups, for an empty group, below one value more than there are groups, and where no
/// group varies.
pub fn one_way(groups: &[&[f64]]) -> Result<FTest> {
    at_least(2, groups.len())?;
    let samples =
        groups.iter().map(|group| Sample::of_any_size(group)).collect::<Result<Vec<_>>>()?;
    let total: f64 = samples.iter().map(|s| s.n).sum();
    at_least(groups.len() + 1, total as usize)?;
    let grand = samples.iter().map(|s| s.n * s.mean).sum::<f64>() / total;
    let between =
        samples.iter().map(|s| s.n * (s.mean - grand) * (s.mean - grand)).sum::<f64>();
    let within: f64 = samples.iter().map(|s| s.variance * (s.n - 1.0)).sum();
    let (df1, df2) = (samples.len() as f64 - 1.0, total - samples.len() as f64);
    let scale = samples.iter().map(|s| s.mean.abs()).fold(0.0, f64::max);
    not_constant((within / df2).sqrt(), scale)?;
    FTest::new(between / df1 / (within / df2), df1, df2)
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

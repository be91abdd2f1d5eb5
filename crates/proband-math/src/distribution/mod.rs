//! Distributions by their inverse distribution function: one uniform number in, one value out.
//!
//! That is what keeps common random numbers common. A value never needs a second draw, whatever
//! the distribution and however it is truncated, and a twin whose uniform number is high has a
//! high value under every set of parameters.
//!
//! ```
//! use proband_math::distribution::Distribution;
//!
//! let weight = Distribution::log_normal_mean_cv(80.0, 0.2)?.within(50.0, 120.0)?;
//! assert_eq!(weight.quantile(0.0), 50.0);
//! assert!((weight.cdf(weight.quantile(0.3)) - 0.3).abs() < 1e-14);
//! # Ok::<(), proband_math::distribution::DistributionError>(())
//! ```

mod batch;
mod continuous;
mod discrete;
mod empirical;
mod error;
mod mixture;
mod window;

pub use error::DistributionError;

use crate::special::{Tail, Tails};
use crate::{ln, ln_1p};
use continuous::Continuous;
use discrete::Discrete;
use empirical::Empirical;
use error::{finite, ordered, positive, probability};
use mixture::Mixture;
use window::Window;

/// A distribution of numbers whose parameters have been checked.
///
/// Counts and levels are numbers too: 0, 1, 2, and so on.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution(Law);

/// What the distribution is.
#[derive(Clone, Debug, PartialEq)]
enum Law {
    Continuous(Continuous),
    Discrete(Discrete),
    Empirical(Empirical),
    Mixture(Mixture),
    Window(Window),
}

/// How far from one a sum of shares may be.
const SHARES_TOLERANCE: f64 = 1e-9;

/// Makers. Each refuses parameters that make no distribution.
impl Distribution {
    /// The normal distribution.
    pub fn normal(mean: f64, sd: f64) -> Result<Self, DistributionError> {
        let (mean, sd) = (finite("mean", mean)?, positive("sd", sd)?);
        Ok(Self::continuous(Continuous::Normal { mean, sd }))
    }

    /// The normal distribution by its mean and its coefficient of variation: `sd = cv |mean|`.
    pub fn normal_mean_cv(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        let (mean, cv) = (finite("mean", mean)?, positive("cv", cv)?);
        Self::normal(mean, cv * mean.abs())
    }

    /// The log-normal distribution by mean and standard deviation of the logarithm.
    pub fn log_normal(log_mean: f64, log_sd: f64) -> Result<Self, DistributionError> {
        let (log_mean, log_sd) = (finite("log mean", log_mean)?, positive("log sd", log_sd)?);
        Ok(Self::continuous(Continuous::LogNormal { log_mean, log_sd }))
    }

    /// The log-normal distribution by its median and its coefficient of variation: the logarithm
    /// has mean `ln median` and variance `ln(1 + cv^2)`.
    pub fn log_normal_median_cv(median: f64, cv: f64) -> Result<Self, DistributionError> {
        let (median, cv) = (positive("median", median)?, positive("cv", cv)?);
        Self::log_normal(ln(median), ln_1p(cv * cv).sqrt())
    }

    /// The log-normal distribution by its mean and its coefficient of variation: the logarithm has
    /// variance `v = ln(1 + cv^2)` and mean `ln mean - v / 2`.
    pub fn log_normal_mean_cv(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        let (mean, cv) = (positive("mean", mean)?, positive("cv", cv)?);
        let log_variance = ln_1p(cv * cv);
        Self::log_normal(ln(mean) - 0.5 * log_variance, log_variance.sqrt())
    }

    /// The log-normal distribution by its mean and its standard deviation: `cv = sd / mean`.
    pub fn log_normal_mean_sd(mean: f64, sd: f64) -> Result<Self, DistributionError> {
        let (mean, sd) = (positive("mean", mean)?, positive("sd", sd)?);
        Self::log_normal_mean_cv(mean, sd / mean)
    }

    /// The uniform distribution from `low` to `high`.
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        let (low, high) = ordered(low, high)?;
        Ok(Self::continuous(Continuous::Uniform { low, high }))
    }

    /// The exponential distribution.
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        let mean = positive("mean", mean)?;
        Ok(Self::continuous(Continuous::Exponential { mean }))
    }

    /// The Weibull distribution, which exceeds `t` with probability `exp(-(t / scale)^shape)`.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let (shape, scale) = (positive("shape", shape)?, positive("scale", scale)?);
        Ok(Self::continuous(Continuous::Weibull { shape, scale }))
    }

    /// The gamma distribution; its mean is `shape * scale`.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let (shape, scale) = (positive("shape", shape)?, positive("scale", scale)?);
        Ok(Self::continuous(Continuous::Gamma { shape, scale }))
    }

    /// The beta distribution on 0 to 1; its mean is `a / (a + b)`.
    pub fn beta(a: f64, b: f64) -> Result<Self, DistributionError> {
        let (a, b) = (positive("a", a)?, positive("b", b)?);
        Ok(Self::continuous(Continuous::Beta { a, b }))
    }

    /// The triangular distribution from `low` to `high` with its peak at `mode`.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        let (low, high) = ordered(low, high)?;
        let mode = finite("mode", mode)?;
        if mode < low {
            return Err(DistributionError::Order { low, high: mode });
        }
        if mode > high {
            return Err(DistributionError::Order { low: mode, high });
        }
        Ok(Self::continuous(Continuous::Triangular { low, mode, high }))
    }

    /// The Poisson distribution.
    pub fn poisson(mean: f64) -> Result<Self, DistributionError> {
        let mean = positive("mean", mean)?;
        Ok(Self::discrete(Discrete::Poisson { mean }))
    }

    /// The negative binomial distribution with variance `mean + dispersion * mean^2`.
    pub fn negative_binomial(mean: f64, dispersion: f64) -> Result<Self, DistributionError> {
        let mean = positive("mean", mean)?;
        let dispersion = positive("dispersion", dispersion)?;
        Ok(Self::discrete(Discrete::NegativeBinomial { mean, dispersion }))
    }

    /// The number of successes in so many trials.
    pub fn binomial(trials: u32, probability: f64) -> Result<Self, DistributionError> {
        let probability = error::probability("probability", probability)?;
        Ok(Self::discrete(Discrete::Binomial { trials: f64::from(trials), probability }))
    }

    /// One with this probability, else zero.
    pub fn bernoulli(probability: f64) -> Result<Self, DistributionError> {
        let p = error::probability("probability", probability)?;
        Ok(Self::discrete(Discrete::Categorical { up_to: [1.0 - p, 1.0].into() }))
    }

    /// The level 0, 1, 2, ... with these shares, which must sum to one.
    pub fn categorical(shares: &[f64]) -> Result<Self, DistributionError> {
        let sum = sum_of_shares(shares.iter().copied())?;
        let mut up_to: Vec<f64> = Vec::with_capacity(shares.len());
        let mut part = 0.0;
        for share in shares {
            part += share;
            up_to.push((part / sum).min(1.0));
        }
        // No rounding gives a level without a share the rest.
        let last = shares.iter().rposition(|&share| share > 0.0).unwrap_or(0);
        up_to[last..].fill(1.0);
        Ok(Self::discrete(Discrete::Categorical { up_to: up_to.into() }))
    }

    /// The distribution of values that were seen, each with its weight; weights need no particular
    /// sum.
    pub fn empirical(points: &[(f64, f64)]) -> Result<Self, DistributionError> {
        Ok(Self(Law::Empirical(Empirical::new(points)?)))
    }

    /// The mixture of these distributions, each with its share; the shares must sum to one.
    ///
    /// Its quantile is that of the mixture as a whole, found by iteration.
    pub fn mixture(
        parts: impl IntoIterator<Item = (f64, Self)>,
    ) -> Result<Self, DistributionError> {
        let parts: Vec<_> = parts.into_iter().map(|(share, law)| (share, law.0)).collect();
        let sum = sum_of_shares(parts.iter().map(|part| part.0))?;
        let mixture = Mixture::new(parts).ok_or(DistributionError::Shares { sum })?;
        Ok(Self(Law::Mixture(mixture)))
    }

    /// The part of it between two points, both included; either may be infinite.
    ///
    /// A uniform number is mapped onto the window's share of probability, on the side that has
    /// the more digits: one draw, never redrawn, and exact far out in a tail.
    pub fn within(self, low: f64, high: f64) -> Result<Self, DistributionError> {
        let is_window = low < high || low <= high && self.0.has_atoms();
        if !is_window {
            return Err(DistributionError::Order { low, high });
        }
        let inside = self.0.within(low, high);
        let (law, _) = inside.ok_or(DistributionError::EmptyWindow { low, high })?;
        Ok(Self(law))
    }

    fn continuous(law: Continuous) -> Self {
        Self(Law::Continuous(law))
    }

    fn discrete(law: Discrete) -> Self {
        Self(Law::Discrete(law))
    }
}

/// Questions.
impl Distribution {
    /// The value below which lies the share `u`: of the counts, the smallest that has at least
    /// `u` at or below it. The ends of the distribution at 0 and 1; NaN outside.
    pub fn quantile(&self, u: f64) -> f64 {
        self.quantile_of(Tail::Lower(u))
    }

    /// The value with this tail, accurate also where an upper tail is tiny.
    pub fn quantile_of(&self, tail: Tail) -> f64 {
        if tail.is_probability() { self.0.quantile(tail) } else { f64::NAN }
    }

    /// The probability of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).lower
    }

    /// The probabilities of at most `x` and of more.
    pub fn tails(&self, x: f64) -> Tails {
        self.0.tails(x)
    }

    /// The mean; of a truncated distribution, that within its window.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// The standard deviation; of a truncated distribution, that within its window.
    pub fn sd(&self) -> f64 {
        self.0.sd()
    }

    /// Whether its values are whole numbers.
    pub fn is_discrete(&self) -> bool {
        self.0.is_discrete()
    }
}

impl Law {
    /// The part between two points, both included, and its probability; none if it is empty.
    fn within(self, low: f64, high: f64) -> Option<(Self, f64)> {
        match self {
            Self::Continuous(_) | Self::Discrete(_) | Self::Window(_) => {
                let window = Window::new(self, low, high)?;
                let probability = window.bounds().within;
                Some((Self::Window(window), probability))
            }
            Self::Empirical(law) => {
                law.within(low, high).map(|(law, share)| (Self::Empirical(law), share))
            }
            Self::Mixture(law) => {
                law.within(low, high).map(|(law, share)| (Self::Mixture(law), share))
            }
        }
    }

    fn tails(&self, x: f64) -> Tails {
        if x.is_nan() {
            return Tails { lower: x, upper: x };
        }
        match self {
            Self::Continuous(law) => law.tails(x),
            Self::Discrete(law) => law.tails(x),
            Self::Empirical(law) => law.tails(x),
            Self::Mixture(law) => law.tails(x),
            Self::Window(window) => window.tails(x),
        }
    }

    /// The probabilities before `x` and from `x` on.
    fn before(&self, x: f64) -> Tails {
        match self {
            Self::Continuous(law) => law.tails(x),
            Self::Discrete(law) => law.tails(x.ceil() - 1.0),
            Self::Empirical(law) => law.before(x),
            Self::Mixture(law) => law.before(x),
            Self::Window(window) => window.before(x),
        }
    }

    fn quantile(&self, tail: Tail) -> f64 {
        match self {
            Self::Continuous(law) => law.quantile(tail),
            Self::Discrete(law) => law.quantile(tail),
            Self::Empirical(law) => law.quantile(tail),
            Self::Mixture(law) => law.quantile(tail),
            Self::Window(window) => window.quantile(tail),
        }
    }

    fn mean(&self) -> f64 {
        match self {
            Self::Continuous(law) => law.mean(),
            Self::Discrete(law) => law.mean(),
            Self::Empirical(law) => law.mean(),
            Self::Mixture(law) => law.mean(),
            Self::Window(window) => window.mean(),
        }
    }

    fn sd(&self) -> f64 {
        match self {
            Self::Continuous(law) => law.sd(),
            Self::Discrete(law) => law.sd(),
            Self::Empirical(law) => law.sd(),
            Self::Mixture(law) => law.sd(),
            Self::Window(window) => window.sd(),
        }
    }

    /// Whether its values are whole numbers.
    fn is_discrete(&self) -> bool {
        match self {
            Self::Continuous(_) | Self::Empirical(_) => false,
            Self::Discrete(_) => true,
            Self::Mixture(law) => law.is_discrete(),
            Self::Window(window) => window.is_discrete(),
        }
    }

    /// Whether single values have probabilities of their own.
    fn has_atoms(&self) -> bool {
        match self {
            Self::Continuous(_) => false,
            Self::Discrete(_) | Self::Empirical(_) => true,
            Self::Mixture(law) => law.has_atoms(),
            Self::Window(window) => window.is_discrete(),
        }
    }
}

/// The sum of shares, where each is one and they sum to one.
fn sum_of_shares(shares: impl Iterator<Item = f64>) -> Result<f64, DistributionError> {
    let mut sum = 0.0;
    for share in shares {
        sum += probability("share", share)?;
    }
    if (sum - 1.0).abs() <= SHARES_TOLERANCE {
        Ok(sum)
    } else {
        Err(DistributionError::Shares { sum })
    }
}

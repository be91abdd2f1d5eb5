//! The shapes in which results are handed back: intervals, estimates, tested effects.

use crate::checks::not_overflown;
use crate::error::{Result, StatsError};
use crate::special::{
    chi_square_upper, exp, f_upper, normal_quantile_upper, normal_two_sided, normal_upper,
    t_quantile_upper, t_two_sided, t_upper,
};

/// A two-sided confidence level strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(f64);

impl Level {
    /// 95 %.
    pub const P95: Self = Self(0.95);
    /// 90 %.
    pub const P90: Self = Self(0.90);
    /// 99 %.
    pub const P99: Self = Self(0.99);

    /// The level `value`, or an error unless 0 < `value` < 1.
    pub fn new(value: f64) -> Result<Self> {
        if value > 0.0 && value < 1.0 {
            return Ok(Self(value));
        }
        Err(StatsError::OutOfRange { value })
    }

    /// The level as a number.
    pub fn value(self) -> f64 {
        self.0
    }

    /// The probability left in each tail, (1 - level) / 2.
    pub fn tail(self) -> f64 {
        0.5 * (1.0 - self.0)
    }

    /// The normal quantile that cuts off each tail (1.96 for 95 %).
    pub(crate) fn z(self) -> Result<f64> {
        normal_quantile_upper(self.tail())
    }
}

/// The two ends of a confidence interval; an end may be infinite where the data set no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether `value` lies inside or on an end.
    pub fn contains(self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// A value, its standard error and its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// The lower confidence limit.
    pub lower: f64,
    /// The upper confidence limit.
    pub upper: f64,
}

/// The distribution a statistic is referred to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// The standard normal.
    Normal,
    /// Student's t with this many degrees of freedom.
    T {
        /// Degrees of freedom.
        df: f64,
    },
}

impl Reference {
    fn quantile(self, level: Level) -> Result<f64> {
        match self {
            Self::Normal => level.z(),
            Self::T { df } => t_quantile_upper(level.tail(), df),
        }
    }

    fn two_sided(self, statistic: f64) -> Result<f64> {
        match self {
            Self::Normal => Ok(normal_two_sided(statistic)),
            Self::T { df } => t_two_sided(statistic, df),
        }
    }

    fn upper(self, statistic: f64) -> Result<f64> {
        match self {
            Self::Normal => Ok(normal_upper(statistic)),
            Self::T { df } => t_upper(statistic, df),
        }
    }

    /// value -+ quantile * se.
    pub(crate) fn estimate(self, value: f64, se: f64, level: Level) -> Result<Estimate> {
        let half = self.quantile(level)? * se;
        Ok(Estimate { value, se, lower: value - half, upper: value + half })
    }
}

/// An estimate with the test of the hypothesis that its true value is zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The estimate and its interval.
    pub estimate: Estimate,
    /// The estimate divided by its standard error.
    pub statistic: f64,
    /// What the statistic is referred to.
    pub reference: Reference,
    /// The two-sided p-value.
    pub p: f64,
}

impl Effect {
    /// Wald inference: value / se against `reference`. A standard error of zero is an error.
    pub(crate) fn wald(
        value: f64,
        se: f64,
        reference: Reference,
        level: Level,
    ) -> Result<Self> {
        not_overflown(value)?;
        if not_overflown(se)? <= 0.0 {
            return Err(StatsError::ZeroVariance);
        }
        let statistic = value / se;
        Ok(Self {
            estimate: reference.estimate(value, se, level)?,
            statistic,
            reference,
            p: reference.two_sided(statistic)?,
        })
    }

    /// The one-sided p-value against the alternative that the true value is greater than zero.
    pub fn p_greater(&self) -> Result<f64> {
        self.reference.upper(self.statistic)
    }

    /// The one-sided p-value against the alternative that the true value is less than zero.
    pub fn p_less(&self) -> Result<f64> {
        self.reference.upper(-self.statistic)
    }

    /// The one-sided p-value against the alternative that the true value is above `null`, such as minus
    /// the margin of non-inferiority.
    pub fn p_above(&self, null: f64) -> Result<f64> {
        self.reference.upper((self.estimate.value - null) / self.estimate.se)
    }

    /// The one-sided p-value against the alternative that the true value is below `null`.
    pub fn p_below(&self, null: f64) -> Result<f64> {
        self.reference.upper((null - self.estimate.value) / self.estimate.se)
    }

    /// The same effect on the scale of ratios, for an estimate that is a logarithm.
    pub fn ratio(&self) -> RatioEffect {
        RatioEffect {
            value: exp(self.estimate.value),
            lower: exp(self.estimate.lower),
            upper: exp(self.estimate.upper),
            log: *self,
        }
    }
}

/// A ratio (of risks, odds, rates, hazards or means) with the inference on its logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioEffect {
    /// The ratio.
    pub value: f64,
    /// The lower confidence limit.
    pub lower: f64,
    /// The upper confidence limit.
    pub upper: f64,
    /// Estimate, standard error, statistic and p-value of the logarithm.
    pub log: Effect,
}

/// A chi-square test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquareTest {
    /// The statistic.
    pub statistic: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(chi-square > statistic).
    pub p: f64,
}

impl ChiSquareTest {
    pub(crate) fn new(statistic: f64, df: f64) -> Result<Self> {
        Ok(Self { statistic, df, p: chi_square_upper(statistic, df)? })
    }
}

/// An F test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FTest {
    /// The statistic.
    pub statistic: f64,
    /// Degrees of freedom of the numerator.
    pub df1: f64,
    /// Degrees of freedom of the denominator.
    pub df2: f64,
    /// P(F > statistic).
    pub p: f64,
}

impl FTest {
    pub(crate) fn new(statistic: f64, df1: f64, df2: f64) -> Result<Self> {
        Ok(Self { statistic, df1, df2, p: f_upper(statistic, df1, df2)? })
    }
}

/// A signed test by the standard normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZTest {
    /// The statistic.
    pub z: f64,
    /// The two-sided p-value.
    pub p: f64,
}

impl ZTest {
    pub(crate) fn new(z: f64) -> Self {
        Self { z, p: normal_two_sided(z) }
    }

    /// The one-sided p-value against the alternative of a positive statistic.
    pub fn p_greater(&self) -> f64 {
        normal_upper(self.z)
    }

    /// The one-sided p-value against the alternative of a negative statistic.
    pub fn p_less(&self) -> f64 {
        normal_upper(-self.z)
    }
}

/// Whether a discrete statistic is moved half a step towards its mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// As it is.
    Uncorrected,
    /// Yates' correction.
    Corrected,
}

impl Continuity {
    /// By how much a statistic this far from its mean is moved: half a step, but not past the mean.
    pub(crate) fn step(self, gap: f64) -> f64 {
        match self {
            Self::Uncorrected => 0.0,
            Self::Corrected => 0.5_f64.min(gap.abs()).copysign(gap),
        }
    }
}

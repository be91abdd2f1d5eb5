//! What a constructor refuses.

use std::error::Error;
use std::fmt;

/// Why numbers do not make a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DistributionError {
    /// A parameter that must be finite is not.
    NotFinite {
        /// The parameter's name.
        parameter: &'static str,
        /// What it was.
        value: f64,
    },
    /// A parameter that must be above zero is not.
    NotPositive {
        /// The parameter's name.
        parameter: &'static str,
        /// What it was.
        value: f64,
    },
    /// A parameter that must not be below zero is.
    Negative {
        /// The parameter's name.
        parameter: &'static str,
        /// What it was.
        value: f64,
    },
    /// Values of which none has a weight, or no values at all.
    NoWeight,
    /// A probability outside 0 to 1.
    NotProbability {
        /// The parameter's name.
        parameter: &'static str,
        /// What it was.
        value: f64,
    },
    /// A range whose end does not lie above its beginning, or a mode outside its range.
    Order {
        /// The lower number.
        low: f64,
        /// The number that must not lie below.
        high: f64,
    },
    /// A window in which the distribution has no probability.
    EmptyWindow {
        /// Where the window begins.
        low: f64,
        /// Where it ends.
        high: f64,
    },
    /// Shares that are negative, none, or do not sum to one.
    Shares {
        /// Their sum.
        sum: f64,
    },
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { parameter, value } => {
                write!(f, "{parameter} must be finite, not {value}")
            }
            Self::NotPositive { parameter, value } => {
                write!(f, "{parameter} must be above zero, not {value}")
            }
            Self::Negative { parameter, value } => {
                write!(f, "{parameter} must not be below zero, like {value}")
            }
            Self::NoWeight => write!(f, "no value has a weight above zero"),
            Self::NotProbability { parameter, value } => {
                write!(f, "{parameter} must lie between 0 and 1, not at {value}")
            }
            Self::Order { low, high } => write!(f, "{high} must lie above {low}"),
            Self::EmptyWindow { low, high } => {
                write!(f, "no probability lies within [{low}, {high}]")
            }
            Self::Shares { sum } => {
                write!(f, "shares must be at least 0 and sum to 1, not to {sum}")
            }
        }
    }
}

impl Error for DistributionError {}

/// The value, where it is finite.
pub(super) fn finite(parameter: &'static str, value: f64) -> Result<f64, DistributionError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(DistributionError::NotFinite { parameter, value })
    }
}

/// The value, where it is finite and above zero.
pub(super) fn positive(parameter: &'static str, value: f64) -> Result<f64, DistributionError> {
    if finite(parameter, value)? > 0.0 {
        Ok(value)
    } else {
        Err(DistributionError::NotPositive { parameter, value })
    }
}

/// The value, where it lies between 0 and 1.
pub(super) fn probability(
    parameter: &'static str,
    value: f64,
) -> Result<f64, DistributionError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(DistributionError::NotProbability { parameter, value })
    }
}

/// The pair, where both are finite and the second is above the first.
pub(super) fn ordered(low: f64, high: f64) -> Result<(f64, f64), DistributionError> {
    finite("low", low)?;
    finite("high", high)?;
    if low < high { Ok((low, high)) } else { Err(DistributionError::Order { low, high }) }
}

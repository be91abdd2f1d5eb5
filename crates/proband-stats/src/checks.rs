//! What every public function asks of its slices before it computes, and sums in a fixed order.

use crate::error::{Result, StatsError};

/// The position of the first NaN or infinity is reported.
pub(crate) fn all_finite(values: &[f64]) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { index }),
        None => Ok(()),
    }
}

pub(crate) fn all_positive(values: &[f64]) -> Result<()> {
    all_finite(values)?;
    match values.iter().position(|&v| v <= 0.0) {
        Some(index) => Err(StatsError::NotPositive { index }),
        None => Ok(()),
    }
}

pub(crate) fn none_negative(values: &[f64]) -> Result<()> {
    all_finite(values)?;
    match values.iter().position(|&v| v < 0.0) {
        Some(index) => Err(StatsError::Negative { index }),
        None => Ok(()),
    }
}

pub(crate) fn same_length(expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(StatsError::Shape { expected, found }) }
}

pub(crate) fn at_least(needed: usize, found: usize) -> Result<()> {
    if found >= needed { Ok(()) } else { Err(StatsError::TooFew { needed, found }) }
}

pub(crate) fn index_below(count: usize, index: usize) -> Result<()> {
    if index < count { Ok(()) } else { Err(StatsError::NoSuchIndex { index, count }) }
}

/// A count that a double holds exactly, and that can be added to others without overflow.
pub(crate) fn countable(count: u64) -> Result<u64> {
    const EXACT: u64 = 1 << 53;
    if count <= EXACT { Ok(count) } else { Err(StatsError::OutOfRange { value: count as f64 }) }
}

/// A number that has to be positive on its own, such as an exposure.
pub(crate) fn positive(value: f64) -> Result<f64> {
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(StatsError::OutOfRange { value })
    }
}

/// A probability strictly between 0 and 1, such as a level or a power.
pub(crate) fn probability(value: f64) -> Result<f64> {
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(StatsError::OutOfRange { value }) }
}

/// A probability that may be 0 or 1.
pub(crate) fn share(value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(StatsError::OutOfRange { value }) }
}

/// A number of any sign.
pub(crate) fn finite(value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(StatsError::OutOfRange { value }) }
}

/// Positive, finite and rising.
pub(crate) fn increasing(values: &[f64]) -> Result<()> {
    all_positive(values)?;
    match values.windows(2).position(|pair| pair[1] <= pair[0]) {
        Some(index) => Err(StatsError::NotIncreasing { index: index + 1 }),
        None => Ok(()),
    }
}

/// A result that left the range of doubles on the way.
pub(crate) fn not_overflown(value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(StatsError::Overflow) }
}

/// Neumaier's compensated sum, in the order given: the error does not grow with the number of
/// terms (A. Neumaier, ZAMM 54, 1974).
pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
}

/// The mean of a column with at least one value, all finite.
pub(crate) fn mean(values: &[f64]) -> Result<f64> {
    not_overflown(sum(values.iter().copied()) / values.len() as f64)
}

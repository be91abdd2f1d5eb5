//! Mean, variance and range of a stream, in constant memory.

use crate::checks::not_overflown;
use crate::error::{Result, StatsError};

/// A mergeable summary of a stream of values: counts, mean, centred sum of squares and range.
///
/// `push` is Welford's update and `merge` Chan's: with d = mean_b - mean_a,
/// mean = mean_a + d n_b/n and M2 = M2_a + M2_b + d^2 n_a n_b/n
/// (P. Pebay, "Formulas for robust, one-pass parallel computation of covariances and
/// arbitrary-order statistical moments", SAND2008-6212, eq. 1.1-1.5). Floating addition is not
/// associative: merge pieces in a fixed order (by index, not by who finishes first) and the bits
/// are fixed too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    n: u64,
    missing: u64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self::new()
    }
}

impl Moments {
    /// The summary of no values.
    pub fn new() -> Self {
        Self {
            n: 0,
            missing: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Adds a value; NaN is counted as missing. An infinity is refused and not counted.
    pub fn push(&mut self, value: f64) -> Result<()> {
        if value.is_nan() {
            self.missing += 1;
            return Ok(());
        }
        if value.is_infinite() {
            return Err(StatsError::NotFinite { index: (self.n + self.missing) as usize });
        }
        self.n += 1;
        let gap = value - self.mean;
        self.mean += gap / self.n as f64;
        self.squares += gap * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        Ok(())
    }

    /// Adds the values behind `other`, which come after these.
    pub fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        if other.n == 0 {
            return;
        }
        let (own, theirs) = (self.n as f64, other.n as f64);
        let total = own + theirs;
        let gap = other.mean - self.mean;
        self.mean += gap * (theirs / total);
        self.squares += other.squares + gap * gap * (own * theirs / total);
        self.n += other.n;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// The number of values present.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The number of missing values.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The mean; fails without values.
    pub fn mean(&self) -> Result<f64> {
        self.needs(1)?;
        not_overflown(self.mean)
    }

    /// The variance with divisor n - 1; fails below two values.
    pub fn variance(&self) -> Result<f64> {
        self.needs(2)?;
        not_overflown(self.squares / (self.n - 1) as f64)
    }

    /// The standard deviation; fails below two values.
    pub fn sd(&self) -> Result<f64> {
        Ok(self.variance()?.sqrt())
    }

    /// The standard error of the mean; fails below two values.
    pub fn se(&self) -> Result<f64> {
        Ok((self.variance()? / self.n as f64).sqrt())
    }

    /// The smallest value; fails without values.
    pub fn min(&self) -> Result<f64> {
        self.needs(1)?;
        Ok(self.min)
    }

    /// The largest value; fails without values.
    pub fn max(&self) -> Result<f64> {
        self.needs(1)?;
        Ok(self.max)
    }

    fn needs(&self, needed: usize) -> Result<()> {
        crate::checks::at_least(needed, self.n as usize)
    }
}

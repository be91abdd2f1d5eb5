//! Counts over exposure: rates, their comparison, and regression with an offset.

mod dispersion;
mod negative_binomial;
mod poisson;
mod rates;
mod zero_inflated;

pub use negative_binomial::{
    NegativeBinomialFit, negative_binomial_regression, negative_binomial_regression_with,
};
pub use poisson::{PoissonFit, poisson_regression, poisson_regression_with};
pub use rates::{
    EventRate, ExactRateRatio, exact_rate_interval, exact_rate_ratio, log_rate_interval, rate,
    rate_difference, rate_ratio,
};
pub use zero_inflated::{
    ZeroInflatedFit, zero_inflated_negative_binomial_with, zero_inflated_poisson,
    zero_inflated_poisson_with,
};

use crate::checks::{all_positive, at_least, same_length};
use crate::error::{Result, StatsError};

/// No count of a regression may be larger: a table of that length is kept.
const LARGEST_COUNT: u64 = 10_000_000;

/// Counts that a regression can use: enough of them, with positive exposure and an event.
fn check_counts(columns: usize, counts: &[u64], exposure: &[f64]) -> Result<()> {
    same_length(counts.len(), exposure.len())?;
    all_positive(exposure)?;
    at_least(columns + 2, counts.len())?;
    if let Some(&count) = counts.iter().find(|&&c| c > LARGEST_COUNT) {
        return Err(StatsError::OutOfRange { value: count as f64 });
    }
    if counts.iter().all(|&c| c == 0) {
        return Err(StatsError::NoEvents);
    }
    Ok(())
}

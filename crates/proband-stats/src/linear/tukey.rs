//! All pairs of means.

use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Reference};
use crate::special::studentized_range_upper;

/// Tukey and Kramer's p-value of one difference among all pairs of `groups` means: the probability
/// that the studentized range is above sqrt(2) |t| (C. Y. Kramer, Biometrics 12, 1956).
///
/// Exact for independent means with equal standard errors, conservative otherwise (A. J. Hayter,
/// Annals of Statistics 12, 1984). Fails below two groups.
pub fn tukey_p(difference: &Effect, groups: usize) -> Result<f64> {
    if groups < 2 {
        return Err(StatsError::TooFew { needed: 2, found: groups });
    }
    /// So many degrees of freedom are as good as infinitely many.
    const NORMAL: f64 = 1e9;
    let df = match difference.reference {
        Reference::T { df } => df,
        Reference::Normal => NORMAL,
    };
    let range = difference.statistic.abs() * std::f64::consts::SQRT_2;
    Ok(studentized_range_upper(range, groups as f64, df))
}

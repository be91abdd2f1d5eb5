//! The standard error of an estimate from what it is without each participant.

use crate::checks::{all_finite, at_least, mean, sum};
use crate::error::Result;
use crate::estimate::{Effect, Level, Reference};

/// The estimate with its jackknife standard error, sqrt((n-1)/n sum (t_i - mean t)^2), t_i the estimate
/// without participant i (B. Efron & R. J. Tibshirani, *An Introduction to the Bootstrap*, chapter 11), referred
/// to the normal.
///
/// With conditional means as imputations it is the repeated sampling standard error of a reference-based
/// estimate (M. Wolbers et al., Pharmaceutical Statistics 21, 2022; R's rbmi). Fails below two
/// participants and where leaving none out matters.
pub fn jackknife(estimate: f64, without_each: &[f64], level: Level) -> Result<Effect> {
    at_least(2, without_each.len())?;
    all_finite(without_each)?;
    let n = without_each.len() as f64;
    let centre = mean(without_each)?;
    let squares = sum(without_each.iter().map(|t| (t - centre) * (t - centre)));
    Effect::wald(estimate, ((n - 1.0) / n * squares).sqrt(), Reference::Normal, level)
}

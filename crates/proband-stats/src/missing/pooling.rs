//! Rubin's rules: one inference from several completed data sets.

use crate::checks::{all_finite, all_positive, at_least, mean, positive, same_length};
use crate::descriptive::variance;
use crate::error::Result;
use crate::estimate::{Effect, Level, Reference};

/// Estimates from completed data sets, put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooled {
    /// The mean of the estimates, its standard error and its t test.
    pub effect: Effect,
    /// The mean of the squared standard errors.
    pub within: f64,
    /// The variance of the estimates.
    pub between: f64,
    /// The relative increase in variance by what is missing, (1 + 1/m) between / within.
    pub relative_increase: f64,
    /// The share of the variance that is due to what is missing, (1 + 1/m) between / total.
    pub share_missing: f64,
    /// The fraction of missing information, (r + 2/(df + 3)) / (1 + r).
    pub missing_information: f64,
    /// The degrees of freedom.
    pub df: f64,
}

/// How many observations the analysis would have had with nothing missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CompleteDf {
    /// So many that their number does not matter: Rubin's degrees of freedom (m - 1)(1 + 1/r)^2, SAS
    /// MIANALYZE without EDF=.
    Large,
    /// These degrees of freedom with nothing missing: J. Barnard & D. B. Rubin, Biometrika 86 (1999), SAS
    /// MIANALYZE with EDF=, R's mice.
    Known(f64),
}

/// Pools one estimate with its variance (squared standard error) from each completed data set (D. B.
/// Rubin, *Multiple Imputation for Nonresponse in Surveys*, 1987, section 3.1): the total variance is
/// within + (1 + 1/m) between.
///
/// Fails below two data sets, for variances that are not positive, and shapes that do not fit.
pub fn pool(
    estimates: &[f64],
    variances: &[f64],
    complete: CompleteDf,
    level: Level,
) -> Result<Pooled> {
    at_least(2, estimates.len())?;
    same_length(estimates.len(), variances.len())?;
    all_finite(estimates)?;
    all_positive(variances)?;
    let m = estimates.len() as f64;
    let (within, between) = (mean(variances)?, variance(estimates)?);
    let missing = (1.0 + 1.0 / m) * between;
    let total = within + missing;
    let (increase, share) = (missing / within, missing / total);
    let rubin = (m - 1.0) / (share * share);
    let df = match complete {
        CompleteDf::Large => rubin,
        CompleteDf::Known(df) => {
            let observed = (positive(df)? + 1.0) / (df + 3.0) * df * (1.0 - share);
            // Harmonic, so that no missing information leaves what was observed.
            1.0 / (1.0 / rubin + 1.0 / observed)
        }
    };
    let reference = if df.is_finite() { Reference::T { df } } else { Reference::Normal };
    Ok(Pooled {
        effect: Effect::wald(mean(estimates)?, total.sqrt(), reference, level)?,
        within,
        between,
        relative_increase: increase,
        share_missing: share,
        missing_information: (increase + 2.0 / (df + 3.0)) / (1.0 + increase),
        df,
    })
}

//! Two one-sided tests of average bioequivalence.

use super::smallest_size;
use crate::checks::{positive, probability};
use crate::error::{Result, StatsError};
use crate::special::{ln, ln_1p, normal_lower, over_sd, t_quantile_upper};

/// A two-period, two-sequence crossover with both sequences equally long, analysed on the log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossoverEquivalence {
    /// The within-participant coefficient of variation.
    pub cv: f64,
    /// The true ratio of test to reference.
    pub ratio: f64,
    /// The limits of equivalence, such as 0.8 and 1.25.
    pub limits: [f64; 2],
    /// The level of each of the two tests.
    pub alpha: f64,
}

impl CrossoverEquivalence {
    fn check(&self) -> Result<()> {
        positive(self.cv)?;
        positive(self.ratio)?;
        probability(2.0 * self.alpha)?;
        if positive(self.limits[1])? <= positive(self.limits[0])? {
            return Err(StatsError::NotIncreasing { index: 1 });
        }
        Ok(())
    }

    /// The standard error of the difference of log means with `n` participants in total:
    /// sqrt(2 ln(1 + cv^2) / n).
    pub fn standard_error(&self, n: f64) -> f64 {
        (2.0 * ln_1p(self.cv * self.cv) / n).sqrt()
    }
}

/// The probability that both one-sided tests reject, with `n` participants in total and n - 2
/// degrees of freedom: the exact power of D. Schuirmann's procedure (J. Pharmacokinetics and
/// Biopharmaceutics 15, 1987), which is Owen's Q function. Given the estimate of the standard deviation
/// the difference must fall between two limits; that probability is averaged over the estimate.
pub fn crossover_equivalence_power(design: &CrossoverEquivalence, n: u64) -> Result<f64> {
    design.check()?;
    if n < 3 {
        return Err(StatsError::TooFew { needed: 3, found: n as usize });
    }
    let (n, df) = (n as f64, n as f64 - 2.0);
    let critical = t_quantile_upper(design.alpha, df)?;
    let se = design.standard_error(n);
    let [low, high] = design.limits.map(|limit| (ln(limit) - ln(design.ratio)) / se);
    // Beyond this estimate the two limits have met and nothing can be shown.
    Ok(over_sd(df, |s| {
        (normal_lower(high - critical * s) - normal_lower(low + critical * s)).max(0.0)
    }))
}

/// The smallest even number of participants whose power reaches `power`; fails where none up to
/// 100,000 does, as for a true ratio outside the limits.
pub fn crossover_equivalence_size(design: &CrossoverEquivalence, power: f64) -> Result<u64> {
    const MOST: u64 = 50_000;
    design.check()?;
    probability(power)?;
    let inside = design.limits[0] < design.ratio && design.ratio < design.limits[1];
    if !inside {
        return Err(StatsError::NoSolution);
    }
    let enough = |pairs: u64| Ok(crossover_equivalence_power(design, 2 * pairs)? >= power);
    Ok(2 * smallest_size(1, 2, MOST, enough)?)
}

//! The crossover trial of two treatments in two periods.

use crate::checks::same_length;
use crate::error::Result;
use crate::estimate::{Effect, Level};
use crate::t_tests;

/// The values of one sequence's participants in both periods.
#[derive(Debug, Clone, Copy)]
pub struct CrossoverPeriods<'a> {
    /// In the first period.
    pub first: &'a [f64],
    /// In the second period.
    pub second: &'a [f64],
}

impl CrossoverPeriods<'_> {
    /// What `combine` makes of each participant's two values.
    fn each(&self, combine: impl Fn(f64, f64) -> f64) -> Result<Vec<f64>> {
        same_length(self.first.len(), self.second.len())?;
        Ok(self.first.iter().zip(self.second).map(|(a, b)| combine(*a, *b)).collect())
    }
}

/// The three comparisons of a two by two crossover trial, each by t on n1 + n2 - 2 degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossover {
    /// Test less reference.
    pub treatment: Effect,
    /// Second period less first.
    pub period: Effect,
    /// What the first treatment leaves in the second period, test less reference (the difference of the
    /// sequences' sums): a comparison between participants, and so with little power.
    pub carry_over: Effect,
}

/// Compares two treatments that everyone had, `test_first` in the sequence test-reference and `reference_first`
/// in the other, by half the differences of periods (M. Hills & P. Armitage, British Journal of
/// Clinical Pharmacology 8, 1979; S. Senn, *Cross-over Trials in Clinical Research*, chapter 3).
///
/// Participants have both periods. The treatment's estimate is that of a mixed model with sequence, period
/// and random participants. For bioequivalence give logarithms and take the 90 % interval through
/// [`Effect::ratio`]. Fails for an empty sequence, below three participants, and without variation.
pub fn crossover(
    test_first: CrossoverPeriods<'_>,
    reference_first: CrossoverPeriods<'_>,
    level: Level,
) -> Result<Crossover> {
    let compare = |combine: fn(f64, f64) -> f64, other: fn(f64, f64) -> f64| {
        t_tests::pooled(&test_first.each(combine)?, &reference_first.each(other)?, level)
    };
    let early = |first: f64, second: f64| 0.5 * (first - second);
    let late = |first: f64, second: f64| 0.5 * (second - first);
    let both = |first: f64, second: f64| first + second;
    Ok(Crossover {
        treatment: compare(early, early)?,
        period: compare(late, early)?,
        carry_over: compare(both, both)?,
    })
}

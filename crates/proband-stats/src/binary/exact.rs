//! Tests of independence in a two by two table.

use super::{Proportion, both_outcomes};
use crate::error::Result;
use crate::estimate::{ChiSquareTest, Continuity};
use crate::special::{AS_PROBABLE, hypergeometric_pmf, ln};

/// Fisher's exact test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FisherTest {
    /// Two-sided: the probability of all tables no more probable than the one observed.
    pub p: f64,
    /// Against the alternative of more events in the active group.
    pub p_greater: f64,
    /// Against the alternative of fewer events in the active group.
    pub p_less: f64,
}

/// Fisher's exact test, conditional on all margins (R. A. Fisher, JRSS 98, 1935).
///
/// Always defined: with no events, or only events, all p-values are 1. Tables are added up from the
/// most probable one outwards until they vanish, so that time grows with the square root of the
/// number of units.
pub fn fisher_exact(active: Proportion, control: Proportion) -> FisherTest {
    let drawn = active.events() + control.events();
    let first = drawn.saturating_sub(control.total());
    let last = drawn.min(active.total());
    let probability = |k: u64| hypergeometric_pmf(k, active.total(), control.total(), drawn);
    let mode = (drawn as f64 + 1.0) * (active.n() + 1.0) / (active.n() + control.n() + 2.0);
    let mode = (mode as u64).clamp(first, last);
    let limit = probability(active.events()) * AS_PROBABLE;
    let (mut p, mut p_greater, mut p_less) = (0.0, 0.0, 0.0);
    let mut add = |k: u64| {
        let at = probability(k);
        p += if at <= limit { at } else { 0.0 };
        p_greater += if k >= active.events() { at } else { 0.0 };
        p_less += if k <= active.events() { at } else { 0.0 };
        at > 0.0
    };
    // `all` stops where the probability has vanished.
    (first..=mode).rev().all(&mut add);
    (mode + 1..=last).all(&mut add);
    FisherTest { p: p.min(1.0), p_greater: p_greater.min(1.0), p_less: p_less.min(1.0) }
}

impl FisherTest {
    /// From the probabilities of all outcomes and the place of the observed one.
    pub(super) fn of(distribution: &[f64], observed: usize) -> Self {
        let limit = distribution[observed] * AS_PROBABLE;
        let improbable: f64 = distribution.iter().filter(|p| **p <= limit).sum();
        let greater: f64 = distribution[observed..].iter().sum();
        let less: f64 = distribution[..=observed].iter().sum();
        Self { p: improbable.min(1.0), p_greater: greater.min(1.0), p_less: less.min(1.0) }
    }
}

/// The smallest number of active events that the margins allow, and the probability of each from
/// there on.
pub(super) fn conditional_distribution(
    active: Proportion,
    control: Proportion,
) -> (u64, Vec<f64>) {
    let drawn = active.events() + control.events();
    let first = drawn.saturating_sub(control.total());
    let last = drawn.min(active.total());
    let probability = |k: u64| hypergeometric_pmf(k, active.total(), control.total(), drawn);
    (first, (first..=last).map(probability).collect())
}

/// Pearson's chi-square of the two by two table, on one degree of freedom.
///
/// With Yates' correction every deviation is made smaller by 1/2 (at most to zero). Fails where a
/// margin is zero: no events, or only events.
pub fn chi_square(
    active: Proportion,
    control: Proportion,
    continuity: Continuity,
) -> Result<ChiSquareTest> {
    let (deviation, variance) = deviation(active, control)?;
    let deviation = match continuity {
        Continuity::Uncorrected => deviation,
        Continuity::Corrected => (deviation - 0.5).max(0.0),
    };
    ChiSquareTest::new(deviation * deviation / variance, 1.0)
}

/// Pearson's chi-square times (N - 1)/N, which keeps its level in small tables (I. Campbell,
/// Statistics in Medicine 26, 2007, 3661-3675). Fails as [`chi_square`] does.
pub fn chi_square_n_minus_1(active: Proportion, control: Proportion) -> Result<ChiSquareTest> {
    let (deviation, variance) = deviation(active, control)?;
    let total = active.n() + control.n();
    ChiSquareTest::new(deviation * deviation / variance * (total - 1.0) / total, 1.0)
}

/// The likelihood ratio test of the two by two table, G2 = 2 sum O ln(O/E), on one degree of
/// freedom. Fails as [`chi_square`] does.
pub fn likelihood_ratio(active: Proportion, control: Proportion) -> Result<ChiSquareTest> {
    both_outcomes(active, control)?;
    let total = active.n() + control.n();
    let events = active.x() + control.x();
    let cell = |observed: f64, row: f64, column: f64| {
        if observed > 0.0 { observed * ln(observed * total / (row * column)) } else { 0.0 }
    };
    let group = |p: Proportion| {
        cell(p.x(), p.n(), events) + cell(p.without() as f64, p.n(), total - events)
    };
    ChiSquareTest::new((2.0 * (group(active) + group(control))).max(0.0), 1.0)
}

/// |O - E|, which is the same in all four cells, and the variance it is judged by.
fn deviation(active: Proportion, control: Proportion) -> Result<(f64, f64)> {
    both_outcomes(active, control)?;
    let (na, nc) = (active.n(), control.n());
    let total = na + nc;
    let events = active.x() + control.x();
    let expected = na * events / total;
    let variance = expected * (nc / total) * ((total - events) / total);
    Ok(((active.x() - expected).abs(), variance))
}

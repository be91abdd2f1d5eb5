//! Tests of independence in a two by two table.

use super::{Proportion, both_outcomes};
use crate::error::Result;
use crate::estimate::{ChiSquareTest, Continuity};
use crate::special::hypergeometric_pmf;

/// Two tables are equally probable if their probabilities differ by less than rounding; R uses the
/// same factor.
const AS_PROBABLE: f64 = 1.0 + 1e-7;

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

/// Pearson's chi-square of the two by two table, on one degree of freedom.
///
/// With Yates' correction every deviation is made smaller by 1/2 (at most to zero). Fails where a
/// margin is zero: no events, or only events.
pub fn chi_square(
    active: Proportion,
    control: Proportion,
    continuity: Continuity,
) -> Result<ChiSquareTest> {
    both_outcomes(active, control)?;
    let (na, nc) = (active.n(), control.n());
    let total = na + nc;
    let events = active.x() + control.x();
    let expected = na * events / total;
    // All four cells deviate by the same amount.
    let deviation = (active.x() - expected).abs();
    let deviation = match continuity {
        Continuity::Uncorrected => deviation,
        Continuity::Corrected => (deviation - 0.5).max(0.0),
    };
    let variance = expected * (nc / total) * ((total - events) / total);
    ChiSquareTest::new(deviation * deviation / variance, 1.0)
}

//! The difference of two risks: Wald and Newcombe.

use super::{Proportion, wilson};
use crate::error::Result;
use crate::estimate::{Effect, Interval, Level, Reference};

/// p_active - p_control with the unpooled standard error sqrt(p1 q1/n1 + p2 q2/n2) (Wald).
///
/// Fails with `ZeroVariance` where both risks are 0 or 1; [`newcombe`] and
/// [`super::miettinen_nurminen`] still have limits there.
pub fn risk_difference(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<Effect> {
    let se = (active.variance() + control.variance()).sqrt();
    Effect::wald(active.value() - control.value(), se, Reference::Normal, level)
}

/// The hybrid score interval of p_active - p_control from the two Wilson intervals
/// (R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10).
pub fn newcombe(active: Proportion, control: Proportion, level: Level) -> Result<Interval> {
    let (a, c) = (wilson(active, level)?, wilson(control, level)?);
    let (pa, pc) = (active.value(), control.value());
    let length = |x: f64, y: f64| (x * x + y * y).sqrt();
    let difference = pa - pc;
    Ok(Interval {
        lower: difference - length(pa - a.lower, c.upper - pc),
        upper: difference + length(a.upper - pa, pc - c.lower),
    })
}

/// Wald's interval of p_active - p_control, widened by the continuity correction (1/n1 + 1/n2)/2 of
/// F. Yates; like Wald's interval not cut at -1 and 1.
pub fn risk_difference_corrected(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<Interval> {
    let se = (active.variance() + control.variance()).sqrt();
    let difference = active.value() - control.value();
    let correction = 0.5 * (1.0 / active.n() + 1.0 / control.n());
    let half = level.z()? * se + correction;
    Ok(Interval { lower: difference - half, upper: difference + half })
}

/// Wald's interval of p_active - p_control after adding one event and one unit without to each group
/// (A. Agresti & B. Caffo, The American Statistician 54, 2000, 280-288).
pub fn agresti_caffo(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<Interval> {
    let plus = |p: Proportion| ((p.x() + 1.0) / (p.n() + 2.0), p.n() + 2.0);
    let ((pa, na), (pc, nc)) = (plus(active), plus(control));
    let half = level.z()? * (pa * (1.0 - pa) / na + pc * (1.0 - pc) / nc).sqrt();
    Ok(Interval { lower: pa - pc - half, upper: pa - pc + half })
}

/// The number of units to treat for one event more (or, where negative, one less): 1 / (p_active -
/// p_control), infinite where the risks are equal (D. G. Altman, BMJ 317, 1998, 1309-1312).
///
/// Its interval is that of the difference, inverted; where that holds zero, it is not an interval but
/// runs through infinity: [`NumberNeeded::through_infinity`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberNeeded {
    /// The reciprocal of the difference.
    pub value: f64,
    /// The reciprocals of the upper and of the lower limit of the difference, in that order.
    pub interval: Interval,
    /// Whether the interval of the difference holds zero, so that the numbers between the two ends
    /// are those excluded.
    pub through_infinity: bool,
}

/// The number needed to treat, with limits from `difference`, an interval of the difference of risks
/// such as Newcombe's or Miettinen and Nurminen's.
pub fn number_needed(
    active: Proportion,
    control: Proportion,
    difference: Interval,
) -> NumberNeeded {
    NumberNeeded {
        value: 1.0 / (active.value() - control.value()),
        interval: Interval { lower: 1.0 / difference.upper, upper: 1.0 / difference.lower },
        through_infinity: difference.contains(0.0),
    }
}

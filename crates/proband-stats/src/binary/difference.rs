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

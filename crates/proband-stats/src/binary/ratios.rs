//! Ratios of two risks and of two odds, with intervals on the logarithm.

use super::{Proportion, both_outcomes};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, RatioEffect, Reference};
use crate::special::ln;

/// p_active / p_control with Var ln = 1/x1 - 1/n1 + 1/x2 - 1/n2 (D. Katz et al., Biometrics 34,
/// 1978). Fails without events in either group, and where all had the event in both.
pub fn risk_ratio(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<RatioEffect> {
    if active.events() == 0 || control.events() == 0 {
        return Err(StatsError::NoEvents);
    }
    both_outcomes(active, control)?;
    let part = |p: Proportion| p.without() as f64 / (p.x() * p.n());
    let se = (part(active) + part(control)).sqrt();
    let log = ln(active.value() / control.value());
    Ok(Effect::wald(log, se, Reference::Normal, level)?.ratio())
}

/// The ratio of odds with Var ln = sum of the reciprocal cells (B. Woolf, Annals of Human Genetics
/// 19, 1955). Fails where a cell is empty.
pub fn odds_ratio(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<RatioEffect> {
    if active.events() == 0 || control.events() == 0 {
        return Err(StatsError::NoEvents);
    }
    if active.without() == 0 || control.without() == 0 {
        return Err(StatsError::OnlyEvents);
    }
    let cells = [active.x(), active.without() as f64, control.x(), control.without() as f64];
    let se = cells.iter().map(|c| 1.0 / c).sum::<f64>().sqrt();
    let log = ln(cells[0] / cells[1] / (cells[2] / cells[3]));
    Ok(Effect::wald(log, se, Reference::Normal, level)?.ratio())
}

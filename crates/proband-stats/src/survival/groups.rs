//! The log-rank test of several groups.

use super::{FollowUp, runs};
use crate::checks::{at_least, index_below, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;
use crate::linear::matrix::Square;

/// A covariance this close to singular (relative to its diagonal) cannot be tested.
const SINGULAR: f64 = 1e-12;

/// Compares the hazards of `groups` groups (`group` says which each unit is in), by chi-square on groups
/// - 1 degrees of freedom (R. Peto & J. Peto, JRSS A 135, 1972; R's `survdiff`).
///
/// Fails below two groups, for an empty one, without events, and where groups were never at risk together.
pub fn logrank_groups(
    follow_up: &FollowUp<'_>,
    group: &[usize],
    groups: usize,
) -> Result<ChiSquareTest> {
    at_least(2, groups)?;
    same_length(follow_up.n(), group.len())?;
    let mut at_risk = vec![0.0; groups];
    for &own in group {
        index_below(groups, own)?;
        at_risk[own] += 1.0;
    }
    if let Some(arm) = at_risk.iter().position(|&n| n <= 0.0) {
        return Err(StatsError::EmptyArm { arm });
    }
    if follow_up.events() == 0 {
        return Err(StatsError::NoEvents);
    }
    // The last group follows from the others.
    let free = groups - 1;
    let (mut excess, mut variance) = (vec![0.0; free], Square::zeros(free));
    for tied in runs(&follow_up.ascending(), |row| follow_up.time_key(row)) {
        let mut events = vec![0.0; groups];
        for &row in tied.iter().filter(|&&row| follow_up.event[row]) {
            events[group[row]] += 1.0;
        }
        add_time(&at_risk, &events, &mut excess, &mut variance);
        for &row in tied {
            at_risk[group[row]] -= 1.0;
        }
    }
    let factor = variance.cholesky(SINGULAR).map_err(|_| StatsError::ZeroVariance)?;
    ChiSquareTest::new(factor.inverse_quadratic(&excess), free as f64)
}

/// Events less expected ones, and their hypergeometric covariance.
fn add_time(at_risk: &[f64], events: &[f64], excess: &mut [f64], variance: &mut Square) {
    let (n, d) = (at_risk.iter().sum::<f64>(), events.iter().sum::<f64>());
    let share = |k: usize| at_risk[k] / n;
    let spread = if n > 1.0 { d * (n - d) / (n - 1.0) } else { 0.0 };
    for i in 0..excess.len() {
        excess[i] += events[i] - d * share(i);
        for j in 0..excess.len() {
            let own = if i == j { 1.0 } else { 0.0 };
            variance.add(i, j, spread * share(i) * (own - share(j)));
        }
    }
}

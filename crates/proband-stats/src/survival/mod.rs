//! Times to an event, right-censored.

mod cox;
mod cox_exact;
mod cox_residuals;
mod cox_sums;
mod groups;
mod intervals;
mod kaplan_meier;
mod landmark;
mod logrank;
mod max_combo;
mod proportionality;
mod quantile;
mod rmst;

pub use cox::{CoxFit, CoxModel, Ties, cox, stratified_cox, stratified_cox_with};
pub use cox_exact::exact_cox;
pub use cox_residuals::BaselineHazard;
pub use groups::logrank_groups;
pub use intervals::Intervals;
pub use kaplan_meier::{CurveInterval, KaplanMeier, Step, SurvivalAt, kaplan_meier};
pub use landmark::{Landmark, survival_difference};
pub use logrank::{LogRank, LogRankWeights, logrank, stratified_logrank};
pub use max_combo::{MaxCombo, max_combo};
pub use proportionality::{Proportionality, TimeScale};
pub use quantile::QuantileTime;
pub use rmst::{RestrictedMean, RestrictedMeanContrast};

pub(crate) use cox_sums::Sums;

use crate::checks::{at_least, none_negative, same_length};
use crate::error::Result;
use crate::order::{ascending, tie_key};

/// Follow-up of some units: when it ended, and whether by the event or by censoring.
///
/// A unit censored at the time of an event counts as at risk there.
#[derive(Debug, Clone, Copy)]
pub struct FollowUp<'a> {
    time: &'a [f64],
    event: &'a [bool],
}

impl<'a> FollowUp<'a> {
    /// Checks two columns: equally long, at least one row, times finite and not negative.
    pub fn new(time: &'a [f64], event: &'a [bool]) -> Result<Self> {
        same_length(time.len(), event.len())?;
        at_least(1, time.len())?;
        none_negative(time)?;
        Ok(Self { time, event })
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.time.len()
    }

    /// The number of events.
    pub fn events(&self) -> usize {
        self.event.iter().filter(|&&e| e).count()
    }

    pub(crate) fn times(&self) -> &'a [f64] {
        self.time
    }

    pub(crate) fn event_flags(&self) -> &'a [bool] {
        self.event
    }

    fn time_key(&self, row: usize) -> u64 {
        tie_key(self.time[row])
    }

    /// Row numbers by time, ties in the order given.
    fn ascending(&self) -> Vec<usize> {
        ascending(self.time)
    }
}

/// Splits sorted positions into runs for which `key` is the same.
fn runs<K: PartialEq>(
    order: &[usize],
    key: impl Fn(usize) -> K,
) -> impl Iterator<Item = &[usize]> {
    order.chunk_by(move |&a, &b| key(a) == key(b))
}

//! Events that happen again.
//!
//! The model of P. K. Andersen & R. D. Gill is [`CoxModel::counting`](crate::survival::CoxModel::counting) on one row for each
//! stretch between events; that of Lin, Wei, Yang & Ying is the same fit with the robust covariance by
//! participant, [`CoxModel::robust`](crate::survival::CoxModel::robust): [`lwyy`] does both. Here too the mean number of events per
//! participant over time.

mod mean_function;
mod rates;

pub use mean_function::{MeanFunction, MeanStep, mean_cumulative_function};
pub use rates::{RecurrentFit, lwyy};

use crate::checks::{at_least, index_below, none_negative, same_length};
use crate::error::{Result, StatsError};

/// Participants followed from time 0, and their events.
#[derive(Debug, Clone, Copy)]
pub struct Histories<'a> {
    follow_up: &'a [f64],
    who: &'a [usize],
    when: &'a [f64],
}

impl<'a> Histories<'a> {
    /// `follow_up` has one entry a participant; `who` and `when` one an event, in any order: the participant's number
    /// and the time, within their follow-up.
    ///
    /// Fails for a follow-up that is not positive and for an event outside it.
    pub fn new(follow_up: &'a [f64], who: &'a [usize], when: &'a [f64]) -> Result<Self> {
        at_least(1, follow_up.len())?;
        crate::checks::all_positive(follow_up)?;
        same_length(who.len(), when.len())?;
        none_negative(when)?;
        for (&participant, &time) in who.iter().zip(when) {
            index_below(follow_up.len(), participant)?;
            if time > follow_up[participant] {
                return Err(StatsError::BeyondFollowUp { time, last: follow_up[participant] });
            }
        }
        Ok(Self { follow_up, who, when })
    }

    /// The number of participants.
    pub fn n(&self) -> usize {
        self.follow_up.len()
    }

    /// The number of events.
    pub fn events(&self) -> usize {
        self.when.len()
    }
}

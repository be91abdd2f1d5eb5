//! Follow-up in pieces, for covariates that change, late entry and events that recur.

use super::{FollowUp, runs};
use crate::checks::{at_least, none_negative, same_length};
use crate::error::{Result, StatsError};
use crate::order::{ascending, tie_key};

/// Rows of a counting process (P. K. Andersen & R. D. Gill, Annals of Statistics 10, 1982): each unit is
/// watched from after `start` up to and including `stop`, and an event may happen at `stop`. A unit may
/// have any number of rows.
#[derive(Debug, Clone, Copy)]
pub struct Intervals<'a> {
    pub(super) start: &'a [f64],
    pub(super) stop: &'a [f64],
    pub(super) event: &'a [bool],
}

impl<'a> Intervals<'a> {
    /// Checks three columns: equally long, at least one row, finite, not negative, `stop` after `start`.
    pub fn new(start: &'a [f64], stop: &'a [f64], event: &'a [bool]) -> Result<Self> {
        same_length(start.len(), stop.len())?;
        same_length(start.len(), event.len())?;
        at_least(1, start.len())?;
        none_negative(start)?;
        none_negative(stop)?;
        match (0..start.len()).find(|&row| stop[row] <= start[row]) {
            Some(index) => Err(StatsError::NotIncreasing { index }),
            None => Ok(Self { start, stop, event }),
        }
    }

    /// The number of rows.
    pub fn n(&self) -> usize {
        self.stop.len()
    }

    /// The number of events.
    pub fn events(&self) -> usize {
        self.event.iter().filter(|&&e| e).count()
    }
}

/// Rows with or without a start; without one they are watched from the beginning, time 0 included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) start: Option<&'a [f64]>,
    pub(super) stop: &'a [f64],
    pub(super) event: &'a [bool],
}

impl<'a> From<&FollowUp<'a>> for Watched<'a> {
    fn from(follow_up: &FollowUp<'a>) -> Self {
        Self { start: None, stop: follow_up.time, event: follow_up.event }
    }
}

impl<'a> From<&Intervals<'a>> for Watched<'a> {
    fn from(rows: &Intervals<'a>) -> Self {
        Self { start: Some(rows.start), stop: rows.stop, event: rows.event }
    }
}

impl Watched<'_> {
    /// The pooled Kaplan-Meier curve just before each row's stop, strata ignored.
    pub(super) fn survival_before(&self) -> Vec<f64> {
        let by_stop = ascending(self.stop);
        let by_start = self.start.map(ascending).unwrap_or_default();
        let mut entered = by_start.iter().peekable();
        let mut at_risk = if self.start.is_some() { 0.0 } else { self.stop.len() as f64 };
        let mut before = vec![1.0; self.stop.len()];
        let mut survival = 1.0;
        for tied in runs(&by_stop, |row| tie_key(self.stop[row])) {
            let time = self.stop[tied[0]];
            let earlier = |row: &&usize| self.start.is_some_and(|start| start[**row] < time);
            while entered.next_if(earlier).is_some() {
                at_risk += 1.0;
            }
            let events = tied.iter().filter(|&&row| self.event[row]).count() as f64;
            for &row in tied {
                before[row] = survival;
            }
            survival *= (at_risk - events) / at_risk;
            at_risk -= tied.len() as f64;
        }
        before
    }
}

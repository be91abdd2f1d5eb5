//! Ratios of rates of recurrent events.

use super::Histories;
use crate::checks::same_length;
use crate::error::Result;
use crate::linear::Coefficients;
use crate::order::ascending_within;
use crate::regression::Regressor;
use crate::survival::{CoxFit, CoxModel, Intervals, Ties};

/// A model of the rate of recurrent events.
#[derive(Debug, Clone, PartialEq)]
pub struct RecurrentFit {
    /// Andersen and Gill's fit: its covariance holds if events depend on the past through the covariates only.
    pub andersen_gill: CoxFit,
    /// The same log rate ratios with the covariance of D. Lin, L.-J. Wei, I. Yang & Z. Ying (JRSS B 62, 2000), which holds
    /// whatever the dependence.
    pub robust: Coefficients,
}

/// Fits rate(t) = r0(t) exp(b1 x1 + ...) to recurrent events; each of `columns` has one value a participant. Events of a
/// participant at the same time are one after the other at that time.
///
/// Fails without events or columns and on a redundant column.
pub fn lwyy(histories: &Histories<'_>, columns: &[&[f64]], ties: Ties) -> Result<RecurrentFit> {
    for column in columns {
        same_length(histories.n(), column.len())?;
    }
    let rows = Rows::of(histories);
    let wide: Vec<Vec<f64>> =
        columns.iter().map(|c| rows.who.iter().map(|&k| c[k]).collect()).collect();
    let regressors: Vec<Regressor<'_>> = wide.iter().map(|c| Regressor::Numbers(c)).collect();
    let intervals = Intervals::new(&rows.start, &rows.stop, &rows.event)?;
    let model = CoxModel::counting(&intervals, &regressors, &vec![0; rows.who.len()], ties)?;
    let andersen_gill = model.fit()?;
    let robust = model.robust(&andersen_gill, &rows.who)?;
    Ok(RecurrentFit { andersen_gill, robust })
}

/// One row for each stretch between events and up to the end of follow-up.
#[derive(Default)]
struct Rows {
    who: Vec<usize>,
    start: Vec<f64>,
    stop: Vec<f64>,
    event: Vec<bool>,
}

impl Rows {
    fn of(histories: &Histories<'_>) -> Self {
        let order = ascending_within(histories.who, histories.when);
        let mut rows = Self::default();
        let mut events = order.into_iter().peekable();
        for (who, &end) in histories.follow_up.iter().enumerate() {
            let mut start = 0.0;
            while let Some(event) = events.next_if(|&event| histories.who[event] == who) {
                rows.push(who, &mut start, histories.when[event], true);
            }
            if end > start {
                rows.push(who, &mut start, end, false);
            }
        }
        rows
    }

    /// An event at the time of the one before, or at time 0, gets a stretch too short to hold anything else.
    fn push(&mut self, who: usize, start: &mut f64, stop: f64, event: bool) {
        let stop = if stop > *start { stop } else { start.next_up() };
        self.who.push(who);
        self.start.push(*start);
        self.stop.push(stop);
        self.event.push(event);
        *start = stop;
    }
}

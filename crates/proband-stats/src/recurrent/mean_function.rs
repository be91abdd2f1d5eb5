//! The mean number of events per participant up to each time.

use super::Histories;
use crate::error::{Result, StatsError};
use crate::estimate::{Estimate, Level, Reference};
use crate::order::{ascending, tie_key};

/// The function at one event time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanStep {
    /// The time.
    pub time: f64,
    /// Participants under observation.
    pub at_risk: usize,
    /// Events at this time.
    pub events: usize,
    /// The mean number of events up to and including it.
    pub mean: f64,
    /// Its variance, robust to dependence between the events of a participant.
    pub variance: f64,
}

/// A fitted mean cumulative function.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanFunction {
    steps: Vec<MeanStep>,
    last: f64,
}

/// The sum of d / n over event times (W. Nelson, Technometrics 37, 1995), with J. Lawless & C. Nadeau's variance
/// (Technometrics 37, 1995, eq. 2.6): the sum over participants of the squared sum of (own events - d/n) / n while they
/// were followed. A participant whose follow-up ends at the time of an event was at risk for it.
///
/// In O(times x participants).
pub fn mean_cumulative_function(histories: &Histories<'_>) -> MeanFunction {
    let order = ascending(histories.when);
    let mut ends = histories.follow_up.to_vec();
    ends.sort_by(f64::total_cmp);
    let mut influence = vec![0.0; histories.n()];
    let (mut steps, mut mean) = (Vec::new(), 0.0);
    let key = |event: usize| tie_key(histories.when[event]);
    for tied in order.chunk_by(|&a, &b| key(a) == key(b)) {
        let time = histories.when[tied[0]];
        let at_risk = ends.len() - ends.partition_point(|&end| end < time);
        let n = at_risk as f64;
        let step = tied.len() as f64 / n;
        mean += step;
        for (total, &end) in influence.iter_mut().zip(histories.follow_up) {
            if end >= time {
                *total -= step / n;
            }
        }
        for &event in tied {
            influence[histories.who[event]] += 1.0 / n;
        }
        let variance = influence.iter().map(|v| v * v).sum();
        steps.push(MeanStep { time, at_risk, events: tied.len(), mean, variance });
    }
    MeanFunction { steps, last: ends[ends.len() - 1] }
}

impl MeanFunction {
    /// The steps in order of time.
    pub fn steps(&self) -> &[MeanStep] {
        &self.steps
    }

    /// The mean number of events up to `time`, with a normal interval. Fails for a negative time and after the last
    /// follow-up.
    pub fn at(&self, time: f64, level: Level) -> Result<Estimate> {
        crate::checks::none_negative(&[time])?;
        if time > self.last {
            return Err(StatsError::BeyondFollowUp { time, last: self.last });
        }
        let reached = self.steps.partition_point(|s| s.time <= time);
        let (mean, variance) = reached
            .checked_sub(1)
            .map_or((0.0, 0.0), |k| (self.steps[k].mean, self.steps[k].variance));
        Reference::Normal.estimate(mean, variance.sqrt(), level)
    }
}

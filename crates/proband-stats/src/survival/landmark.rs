//! What happens after a landmark, among those who reached it.

use super::{CurveInterval, FollowUp, KaplanMeier, kaplan_meier};
use crate::checks::{none_negative, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, Reference};

/// The rows still under observation at a landmark, with their time from there on (J. Anderson, K. Cain &
/// R. Gelber, Journal of Clinical Oncology 1, 1983). An event exactly at the landmark counts as after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    /// The rows of the original columns.
    pub rows: Vec<usize>,
    /// Time since the landmark.
    pub time: Vec<f64>,
    /// Whether it ended with an event.
    pub event: Vec<bool>,
}

impl Landmark {
    /// Keeps the rows with `time` at or after `landmark`; fails where none is left.
    pub fn new(follow_up: &FollowUp<'_>, landmark: f64) -> Result<Self> {
        none_negative(&[landmark])?;
        let rows: Vec<usize> =
            (0..follow_up.n()).filter(|&row| follow_up.time[row] >= landmark).collect();
        if rows.is_empty() {
            let last = follow_up.time.iter().copied().fold(0.0, f64::max);
            return Err(StatsError::BeyondFollowUp { time: landmark, last });
        }
        Ok(Self {
            time: rows.iter().map(|&row| follow_up.time[row] - landmark).collect(),
            event: rows.iter().map(|&row| follow_up.event[row]).collect(),
            rows,
        })
    }

    /// As follow-up of its own, for any method of this module.
    pub fn follow_up(&self) -> Result<FollowUp<'_>> {
        FollowUp::new(&self.time, &self.event)
    }

    /// The entries of another column of the original data for the rows kept.
    pub fn of<T: Copy>(&self, column: &[T]) -> Result<Vec<T>> {
        let last = self.rows.last().map_or(0, |row| row + 1);
        same_length(column.len().max(last), column.len())?;
        Ok(self.rows.iter().map(|&row| column[row]).collect())
    }
}

/// The difference of survival at `time`, active (`true`) less control, with Greenwood's variances (normal
/// limits). Fails for an empty group and where a group was not observed that long.
pub fn survival_difference(
    follow_up: &FollowUp<'_>,
    active: &[bool],
    time: f64,
    level: Level,
) -> Result<Effect> {
    same_length(follow_up.n(), active.len())?;
    let at = |group: bool| -> Result<(f64, f64)> {
        let curve = curve_of(follow_up, |row| active[row] == group, usize::from(group))?;
        let at = curve.at(time, CurveInterval::Plain, level)?;
        Ok((at.survival, at.se.unwrap_or(0.0)))
    };
    let ((control, control_se), (active, active_se)) = (at(false)?, at(true)?);
    let se = (control_se * control_se + active_se * active_se).sqrt();
    Effect::wald(active - control, se, Reference::Normal, level)
}

/// The curve of some rows; `arm` is named if there are none.
pub(super) fn curve_of(
    follow_up: &FollowUp<'_>,
    keep: impl Fn(usize) -> bool,
    arm: usize,
) -> Result<KaplanMeier> {
    let rows: Vec<usize> = (0..follow_up.n()).filter(|&row| keep(row)).collect();
    if rows.is_empty() {
        return Err(StatsError::EmptyArm { arm });
    }
    let time: Vec<f64> = rows.iter().map(|&row| follow_up.time[row]).collect();
    let event: Vec<bool> = rows.iter().map(|&row| follow_up.event[row]).collect();
    Ok(kaplan_meier(&FollowUp::new(&time, &event)?))
}

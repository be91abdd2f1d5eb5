//! From a true value to what a visit records: error, levels, limits of quantification.

use super::chance::{OutOfDomain, drawn};
use super::person::Beyond;
use proband_kernel::system::{DrawRows, ObservablePlan};
use proband_math::stream::Address;

/// What a visit recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// In the unit of the observable's quantity; a level by position; beyond a limit that limit.
    pub(crate) value: f64,
    /// The limit that was passed.
    pub(crate) beyond: Option<Beyond>,
}

/// One lane of what an observe program wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outputs<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) lanes: usize,
    pub(crate) lane: usize,
}

impl Outputs<'_> {
    pub(crate) fn get(&self, row: usize) -> f64 {
        self.values[row * self.lanes + self.lane]
    }
}

/// The column of a lane among rows of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Columns of a row.
    pub(crate) of: usize,
    /// Which one.
    pub(crate) at: usize,
}

impl Column {
    /// This column of what a program wrote.
    pub(crate) fn of(self, values: &[f64]) -> Outputs<'_> {
        Outputs { values, lanes: self.of, lane: self.at }
    }
}

/// Draws the record of an observable.
pub(crate) fn read(
    plan: &ObservablePlan,
    outputs: Outputs<'_>,
    address: Address,
) -> Result<Reading, OutOfDomain> {
    let truth = outputs.get(plan.truth);
    // What is drawn among levels need not have a true value.
    let has_truth = !matches!(plan.draw, Some(DrawRows::Ordinal(_) | DrawRows::Categorical(_)));
    if has_truth && !truth.is_finite() {
        return Err(OutOfDomain(format!("a true value of {truth}")));
    }
    let value = match &plan.draw {
        None => truth,
        Some(draw) => drawn(draw, truth, outputs, address)?,
    };
    if !value.is_finite() {
        return Err(OutOfDomain(format!("a record of {value}")));
    }
    let passed = |row: Option<usize>, beyond: fn(f64, f64) -> bool| {
        row.map(|row| outputs.get(row)).filter(|&limit| beyond(value, limit))
    };
    let below = passed(plan.lower_limit, |value, limit| value < limit);
    let above = passed(plan.upper_limit, |value, limit| value > limit);
    let beyond =
        below.map(|limit| (Beyond::Lower, limit)).or(above.map(|limit| (Beyond::Upper, limit)));
    let value = beyond.map_or(value, |(_, limit)| limit);
    Ok(Reading { value, beyond: beyond.map(|(which, _)| which) })
}

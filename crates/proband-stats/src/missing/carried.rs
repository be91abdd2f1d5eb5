//! Values carried over visits: single imputation, kept for comparison with what used to be done.

use crate::checks::{at_least, same_length};
use crate::error::{Result, StatsError};

/// What stands for a missing value.
#[derive(Debug, Clone, Copy)]
pub enum Carried<'a> {
    /// The participant's last value before it (LOCF).
    Last,
    /// The participant's baseline (BOCF): one for each participant.
    Baseline(&'a [f64]),
}

/// Fills missing values (NaN) of participants by visits, row after row; what has no value before it stays
/// missing. It understates uncertainty and is biased wherever values would have changed: not for a primary
/// analysis (National Research Council, *The Prevention and Treatment of Missing Data in Clinical Trials*,
/// 2010).
pub fn carry(values: &[f64], visits: usize, carried: Carried<'_>) -> Result<Vec<f64>> {
    at_least(1, visits)?;
    let participants = values.len() / visits;
    if !values.len().is_multiple_of(visits) {
        return Err(StatsError::Shape { expected: participants * visits, found: values.len() });
    }
    if let Carried::Baseline(baseline) = carried {
        same_length(participants, baseline.len())?;
    }
    let mut filled = values.to_vec();
    for (participant, row) in filled.chunks_mut(visits).enumerate() {
        for visit in 0..visits {
            if row[visit].is_nan() {
                row[visit] = match carried {
                    Carried::Baseline(baseline) => baseline[participant],
                    Carried::Last if visit > 0 => row[visit - 1],
                    Carried::Last => f64::NAN,
                };
            }
        }
    }
    Ok(filled)
}

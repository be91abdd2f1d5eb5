//! Quantiles of columns, by reading them again.

use crate::accumulator::index;
use crate::source::ColumnSource;
use proband_stats::descriptive::{QuantileRule, Selection};
use std::io;

/// Quartiles and median, by the definition that SAS takes by default.
const QUARTILES: [f64; 3] = [0.25, 0.5, 0.75];

/// Lower quartile, median, upper quartile.
pub(crate) type Quartiles = [f64; 3];

/// Quartiles of a column by arm, then over all arms; none without values. `counts` are the values
/// there are, by arm.
pub(crate) fn quartiles_by_arm(
    source: &dyn ColumnSource,
    arm_column: usize,
    column: usize,
    counts: &[u64],
) -> io::Result<Vec<Option<Quartiles>>> {
    let all = counts.len();
    let mut arms = selections(&[counts, &[counts.iter().sum()]].concat());
    settle(&mut arms, |arms| {
        source.read(&[arm_column, column], &mut |chunk| {
            for (&arm, &value) in chunk[0].iter().zip(chunk[1]) {
                let Some(arm) = index(arm) else { continue };
                for place in [arm, all] {
                    if let Some(selection) = &mut arms[place] {
                        selection.push(value);
                    }
                }
            }
        })
    })?;
    Ok(arms.iter().map(|arm| arm.as_ref().and_then(quartiles)).collect())
}

/// Quartiles of all `count` values of a column.
pub(crate) fn quartiles_of_all(
    source: &dyn ColumnSource,
    column: usize,
    count: u64,
) -> io::Result<Option<Quartiles>> {
    let mut all = selections(&[count]);
    settle(&mut all, |all| {
        source.read(&[column], &mut |chunk| {
            if let Some(selection) = &mut all[0] {
                chunk[0].iter().for_each(|&value| selection.push(value));
            }
        })
    })?;
    Ok(all[0].as_ref().and_then(quartiles))
}

/// Reads as often as it takes: once where the values are few.
fn settle(
    selections: &mut [Option<Selection>],
    read: impl Fn(&mut [Option<Selection>]) -> io::Result<()>,
) -> io::Result<()> {
    while selections.iter().flatten().any(|selection| !selection.is_settled()) {
        read(selections)?;
        selections.iter_mut().flatten().for_each(Selection::end_reading);
    }
    Ok(())
}

fn selections(counts: &[u64]) -> Vec<Option<Selection>> {
    let selection = |&n: &u64| Selection::new(n, &QUARTILES, QuantileRule::Averaged).ok();
    counts.iter().map(selection).collect()
}

fn quartiles(selection: &Selection) -> Option<Quartiles> {
    selection.quantiles().try_into().ok()
}

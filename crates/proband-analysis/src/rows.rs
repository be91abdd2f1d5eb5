//! The rows of one analysis, read back into memory.
//!
//! Ranks, survival curves and likelihoods need all values of the arms they compare at once: eight
//! bytes for each value, about 40 MB for a million participants, one analysis at a time.

use crate::accumulator::index;
use crate::layout::{AnalysisColumns, Layout};
use crate::source::ColumnSource;
use std::io;

/// Participants above which an analysis that needs all values at once is refused.
pub(crate) const MOST_IN_MEMORY: u64 = 10_000_000;

/// Complete rows: nothing the analysis uses is missing in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// The arm.
    pub(crate) arm: Vec<u16>,
    /// Response, time or count.
    pub(crate) response: Vec<f64>,
    /// Event or exposure.
    pub(crate) second: Vec<f64>,
    /// The cell of the stratification over the factors of the analysis.
    pub(crate) cell: Vec<usize>,
    /// Baseline and further covariates, by column.
    pub(crate) covariates: Vec<Vec<f64>>,
}

/// Which columns of an analysis are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Event of a time, exposure of a count.
    pub(crate) second: bool,
    /// Stratification.
    pub(crate) strata: bool,
    /// Covariates.
    pub(crate) covariates: bool,
}

impl Needs {
    /// Nothing beyond the response.
    pub(crate) const RESPONSE: Self = Self { second: false, strata: false, covariates: false };
}

impl Rows {
    /// Reads the complete rows of the arms asked for.
    pub(crate) fn read(
        layout: &Layout<'_>,
        places: &AnalysisColumns,
        needs: Needs,
        wanted: &dyn Fn(usize) -> bool,
        source: &dyn ColumnSource,
    ) -> io::Result<Self> {
        let take = |is: bool, places: &[usize]| if is { places.to_vec() } else { Vec::new() };
        let second = take(needs.second, &[places.second]);
        let strata = take(needs.strata, &places.strata);
        let covariates = take(needs.covariates, &places.covariates);
        let levels: Vec<usize> = strata.iter().map(|&p| layout.levels_of(p)).collect();
        let split = (1 + second.len(), 1 + second.len() + strata.len());
        let columns = [vec![0, places.response], second, strata, covariates].concat();
        let mut rows = Self {
            covariates: vec![Vec::new(); columns.len() - 1 - split.1],
            ..Self::default()
        };
        source.read(&columns, &mut |chunk| {
            for row in 0..chunk[0].len() {
                let values = |k: usize| chunk[k + 1][row];
                let complete = (0..chunk.len() - 1).all(|k| values(k).is_finite());
                let Some(arm) = index(chunk[0][row]).filter(|&arm| complete && wanted(arm))
                else {
                    continue;
                };
                rows.arm.push(u16::try_from(arm).unwrap_or(u16::MAX));
                rows.response.push(values(0));
                if needs.second {
                    rows.second.push(values(1));
                }
                let levels = levels.iter().enumerate();
                rows.cell.push(levels.fold(0, |cell, (k, count)| {
                    cell * count + index(values(split.0 + k)).unwrap_or(0)
                }));
                for (k, column) in rows.covariates.iter_mut().enumerate() {
                    column.push(values(split.1 + k));
                }
            }
        })?;
        Ok(rows)
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.arm.len()
    }

    /// How many of one arm.
    pub(crate) fn in_arm(&self, arm: usize) -> u64 {
        self.is_in(arm).filter(|&is| is).count() as u64
    }

    /// Whether each row is of this arm.
    pub(crate) fn is_in(&self, arm: usize) -> impl Iterator<Item = bool> {
        self.arm.iter().map(move |&a| usize::from(a) == arm)
    }

    /// Whether each row ended with the event.
    pub(crate) fn events(&self) -> Vec<bool> {
        self.second.iter().map(|&event| event > 0.0).collect()
    }

    /// The responses of one arm.
    pub(crate) fn responses(&self, arm: usize) -> Vec<f64> {
        let of = self.response.iter().zip(self.is_in(arm));
        of.filter(|(_, is)| *is).map(|(value, _)| *value).collect()
    }
}

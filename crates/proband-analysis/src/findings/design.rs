//! The rows of an analysis, and the columns of its model.

use super::Analysed;
use crate::rows::{MOST_IN_MEMORY, Needs, Rows};
use proband_trial::Comparison;
use std::io;

impl Analysed<'_> {
    /// The complete rows of the arms wanted, or why they are not read.
    pub(super) fn rows(
        &self,
        needs: Needs,
        wanted: &dyn Fn(usize) -> bool,
    ) -> io::Result<Result<Rows, String>> {
        let participants = self.study.sums.participants().iter().enumerate();
        let count: u64 = participants.filter(|(arm, _)| wanted(*arm)).map(|(_, n)| n).sum();
        if count > MOST_IN_MEMORY {
            let note =
                format!("not computed for more than {MOST_IN_MEMORY} participants at once");
            return Ok(Err(note));
        }
        let study = self.study;
        let asked = (wanted, count as usize);
        Rows::read(study.layout, self.columns, needs, asked, study.source).map(Ok)
    }

    /// The complete rows of the two arms of a comparison, or why there is nothing to compare.
    pub(super) fn rows_of(
        &self,
        needs: Needs,
        comparison: &Comparison,
    ) -> io::Result<Result<Rows, String>> {
        let wanted = |arm| arm == comparison.test || arm == comparison.reference;
        let rows = self.rows(needs, &wanted)?;
        Ok(rows.and_then(|rows| {
            match self.without_values(comparison, |arm| rows.in_arm(arm)) {
                Some(note) => Err(note),
                None => Ok(rows),
            }
        }))
    }
}

/// Columns of a regression on arms, factors of stratification and covariates.
#[derive(Clone, Debug)]
pub(super) struct Design {
    /// The arms that have rows; the first is the reference.
    arms: Vec<usize>,
    columns: Vec<Vec<f64>>,
}

impl Design {
    /// Indicators of every arm and every factor's level but the first that occurs, then covariates.
    /// `levels` are the levels of each factor. The rows go, so that they are not held twice.
    pub(super) fn new(rows: Rows, levels: &[usize]) -> Self {
        let mut arms: Vec<usize> = rows.arm.iter().map(|&a| usize::from(a)).collect();
        arms.sort_unstable();
        arms.dedup();
        let indicator = |is: &dyn Fn(usize) -> bool| -> Vec<f64> {
            (0..rows.len()).map(|row| f64::from(u8::from(is(row)))).collect()
        };
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for &arm in arms.iter().skip(1) {
            columns.push(indicator(&|row| usize::from(rows.arm[row]) == arm));
        }
        let mut below: usize = levels.iter().product();
        for &count in levels {
            below /= count;
            let level_of = |row: usize| rows.cell[row] / below % count;
            let present = (0..count).filter(|&l| (0..rows.len()).any(|row| level_of(row) == l));
            for level in present.skip(1) {
                columns.push(indicator(&|row| level_of(row) == level));
            }
        }
        columns.extend(rows.covariates);
        Self { arms, columns }
    }

    /// The columns, without the intercept.
    pub(super) fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The weights of the coefficients, intercept first, in the difference of two arms.
    pub(super) fn difference(&self, comparison: &Comparison) -> Vec<f64> {
        let mut weights = vec![0.0; 1 + self.columns.len()];
        for (arm, weight) in [(comparison.test, 1.0), (comparison.reference, -1.0)] {
            match self.arms.iter().position(|&a| a == arm) {
                Some(place) if place > 0 => weights[place] += weight,
                _ => {}
            }
        }
        weights
    }
}

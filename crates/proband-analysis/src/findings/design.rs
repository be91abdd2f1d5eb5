//! The rows of an analysis, and the columns of its model.

use super::Analysed;
use super::template::Template;
use crate::layout::Column;
use crate::rows::{MOST_IN_MEMORY, Needs, Rows};
use proband_stats::regression::Regressor;
use proband_trial::Comparison;
use std::collections::BTreeSet;
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

    /// What is told of a model of all rows: how many there are, and what it is not adjusted for.
    pub(super) fn of_rows(&self, template: &Template, rows: &Rows) -> Template {
        template.with(|f| {
            f.n = Some(rows.len() as u64);
            f.note = self.left_out(&rows.constant);
        })
    }

    /// The rows of each arm.
    pub(super) fn by_arm_of(&self, rows: &Rows) -> Vec<u64> {
        (0..self.study.trial.arms.len()).map(|arm| rows.in_arm(arm)).collect()
    }

    /// What the model was not adjusted for, and why, in words.
    pub(super) fn left_out(&self, covariates: &[usize]) -> Option<String> {
        let name = |&k: &usize| match self.study.layout.columns()[self.columns.covariates[k]] {
            Column::Adjustment(_, k) => format!("`{}`", self.analysis.covariates[k].text),
            _ => "the baseline".to_owned(),
        };
        let names: Vec<String> = covariates.iter().map(name).collect();
        let (all, verb) = (names.join(" and "), if names.len() == 1 { "is" } else { "are" });
        let note = || format!("not adjusted for {all}, which {verb} the same for everybody");
        (!names.is_empty()).then(note)
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
    arms: Codes,
    factors: Vec<Codes>,
    covariates: Vec<Vec<f64>>,
}

/// A code for each row, and the codes that occur; the first of them is the reference.
#[derive(Clone, Debug)]
struct Codes {
    of_rows: Vec<u16>,
    present: Vec<u16>,
}

impl Design {
    /// Indicators of every arm and every factor's level but the first that occurs, then covariates.
    /// The rows go, so that they are not held twice.
    pub(super) fn new(rows: Rows) -> Self {
        let factors = rows.factors.into_iter().map(Codes::new).collect();
        Self { arms: Codes::new(rows.arm), factors, covariates: rows.covariates }
    }

    /// The columns, without the intercept.
    pub(super) fn columns(&self) -> Vec<Regressor<'_>> {
        let indicators = std::iter::once(&self.arms).chain(&self.factors);
        let covariates = self.covariates.iter().map(|column| Regressor::Numbers(column));
        indicators.flat_map(Codes::indicators).chain(covariates).collect()
    }

    /// The columns of the arms, which stand before the others.
    pub(super) fn of_arms(&self) -> Vec<Regressor<'_>> {
        self.arms.indicators().collect()
    }

    /// The columns as numbers, with every row in one arm, or none if the model lacks it.
    pub(super) fn in_arm(&self, arm: usize) -> Option<Vec<Vec<f64>>> {
        let arm = u16::try_from(arm).ok().filter(|arm| self.arms.present.contains(arm))?;
        let rows = self.arms.of_rows.len();
        let arms = Codes { of_rows: vec![arm; rows], present: self.arms.present.clone() };
        Some(self.numbers(&arms))
    }

    /// The columns as numbers.
    pub(super) fn as_numbers(&self) -> Vec<Vec<f64>> {
        self.numbers(&self.arms)
    }

    /// The columns as numbers, with an arm first among them that is the reference of their coefficients.
    pub(super) fn against(&self, reference: usize) -> Vec<Vec<f64>> {
        let mut arms = self.arms.clone();
        let place = arms.present.iter().position(|&arm| usize::from(arm) == reference);
        arms.present[..=place.unwrap_or(0)].rotate_right(1);
        self.numbers(&arms)
    }

    /// The place of an arm's coefficient, behind the intercept, where `reference` is the reference.
    pub(super) fn place_against(&self, arm: usize, reference: usize) -> Option<usize> {
        let others = self.arms.present.iter().filter(|&&own| usize::from(own) != reference);
        Some(1 + others.map(|&own| usize::from(own)).position(|own| own == arm)?)
    }

    fn numbers(&self, arms: &Codes) -> Vec<Vec<f64>> {
        let flag = |is: bool| f64::from(u8::from(is));
        let of = |factor: &Codes, level: u16| -> Vec<f64> {
            factor.of_rows.iter().map(|&code| flag(code == level)).collect()
        };
        let indicators = |factor: &Codes| -> Vec<Vec<f64>> {
            factor.present.iter().skip(1).map(|&level| of(factor, level)).collect()
        };
        let factors = std::iter::once(arms).chain(&self.factors);
        let mut columns: Vec<Vec<f64>> = factors.flat_map(indicators).collect();
        columns.extend(self.covariates.iter().cloned());
        columns
    }

    /// Whether each row is of an arm.
    pub(super) fn is_in(&self, arm: usize) -> Vec<bool> {
        self.arms.of_rows.iter().map(|&code| usize::from(code) == arm).collect()
    }

    /// The weights of the coefficients, intercept first, in the difference of two arms.
    pub(super) fn difference(&self, comparison: &Comparison) -> Vec<f64> {
        let mut weights = vec![0.0; 1 + self.columns().len()];
        for (arm, weight) in [(comparison.test, 1.0), (comparison.reference, -1.0)] {
            match self.arms.present.iter().position(|&a| usize::from(a) == arm) {
                Some(place) if place > 0 => weights[place] += weight,
                _ => {}
            }
        }
        weights
    }
}

impl Codes {
    fn new(of_rows: Vec<u16>) -> Self {
        let present = of_rows.iter().copied().collect::<BTreeSet<u16>>().into_iter().collect();
        Self { of_rows, present }
    }

    fn indicators(&self) -> impl Iterator<Item = Regressor<'_>> {
        let codes = self.of_rows.as_slice();
        self.present.iter().skip(1).map(move |&code| Regressor::Indicator { codes, code })
    }
}

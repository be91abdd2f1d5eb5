//! From arms, factor levels and covariates to the columns of a linear model.

use super::AncovaFit;
use crate::checks::{index_below, same_length};
use crate::error::{Result, StatsError};
use crate::linear::{CrossProducts, ols};

/// The shape of the model: what can occur, so that pieces of a stream agree on their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AncovaLayout {
    /// The number of arms; arms are numbered from 0.
    pub arms: usize,
    /// The number of levels of each further factor; levels are numbered from 0.
    pub factor_levels: Vec<usize>,
    /// The number of numeric covariates.
    pub covariates: usize,
}

/// The data as columns, all equally long.
#[derive(Debug, Clone, Copy)]
pub struct AncovaColumns<'a> {
    /// The response.
    pub response: &'a [f64],
    /// The arm of each row.
    pub arm: &'a [usize],
    /// For each factor, the level of each row.
    pub factors: &'a [&'a [usize]],
    /// For each covariate, the value of each row.
    pub covariates: &'a [&'a [f64]],
}

/// What a column of the design stands for. Every level has its indicator here; a fit leaves out one
/// of each factor as reference, and those that never occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    Arm(usize),
    Level { factor: usize, level: usize },
    Covariate(usize),
}

impl AncovaLayout {
    /// Arms, then levels factor by factor, then covariates.
    pub(super) fn terms(&self) -> Vec<Term> {
        let arms = (0..self.arms).map(Term::Arm);
        let levels = self.factor_levels.iter().enumerate().flat_map(|(factor, &count)| {
            (0..count).map(move |level| Term::Level { factor, level })
        });
        let covariates = (0..self.covariates).map(Term::Covariate);
        arms.chain(levels).chain(covariates).collect()
    }

    fn check_row(&self, arm: usize, levels: &[usize], covariates: &[f64]) -> Result<()> {
        same_length(self.factor_levels.len(), levels.len())?;
        same_length(self.covariates, covariates.len())?;
        index_below(self.arms, arm)?;
        for (&level, &count) in levels.iter().zip(&self.factor_levels) {
            index_below(count, level)?;
        }
        Ok(())
    }

    /// The terms a fit estimates, given each indicator's share of the rows: the first arm and the
    /// first level present are references; arms and levels that never occurred are left out.
    pub(super) fn estimated(&self, shares: &[f64]) -> Vec<usize> {
        let mut arm_seen = false;
        let mut level_seen = vec![false; self.factor_levels.len()];
        let mut keep = Vec::new();
        for (index, (term, &share)) in self.terms().iter().zip(shares).enumerate() {
            match *term {
                Term::Arm(_) | Term::Level { .. } if share <= 0.0 => {}
                Term::Arm(_) if !arm_seen => arm_seen = true,
                Term::Level { factor, .. } if !level_seen[factor] => level_seen[factor] = true,
                Term::Arm(_) | Term::Level { .. } | Term::Covariate(_) => keep.push(index),
            }
        }
        keep
    }
}

/// Fits the model from columns.
///
/// Fails where [`ols`] does, and on an index outside the layout. Factor levels that do not occur are
/// left out of the model and of the averages over it; [`AncovaFit::empty_levels`] names them. Arms
/// without rows are left out too: the others can still be compared, and a mean or difference that
/// needs one fails with [`StatsError::EmptyArm`]. The column of [`StatsError::Singular`] counts
/// arms after the first present, factor levels after the first present, covariates.
pub fn ancova(layout: &AncovaLayout, columns: &AncovaColumns<'_>) -> Result<AncovaFit> {
    let rows = columns.response.len();
    check_columns(layout, columns)?;
    crate::checks::at_least(1, rows)?;
    let terms = layout.terms();
    let shares: Vec<f64> = terms.iter().map(|t| share(*t, columns)).collect();
    let keep = layout.estimated(&shares);
    let design: Vec<Vec<f64>> = keep.iter().map(|&k| expand(terms[k], columns)).collect();
    let design: Vec<&[f64]> = design.iter().map(Vec::as_slice).collect();
    let fit = ols(&design, columns.response)?;
    Ok(AncovaFit::new(layout, &keep, &shares, fit))
}

fn check_columns(layout: &AncovaLayout, columns: &AncovaColumns<'_>) -> Result<()> {
    let rows = columns.response.len();
    same_length(rows, columns.arm.len())?;
    same_length(layout.factor_levels.len(), columns.factors.len())?;
    same_length(layout.covariates, columns.covariates.len())?;
    for &arm in columns.arm {
        index_below(layout.arms, arm)?;
    }
    for (factor, &count) in columns.factors.iter().zip(&layout.factor_levels) {
        same_length(rows, factor.len())?;
        for &level in *factor {
            index_below(count, level)?;
        }
    }
    for covariate in columns.covariates {
        same_length(rows, covariate.len())?;
    }
    Ok(())
}

/// The share of rows in which an indicator is 1; of no meaning for a covariate.
fn share(term: Term, columns: &AncovaColumns<'_>) -> f64 {
    let count = match term {
        Term::Arm(arm) => columns.arm.iter().filter(|&&a| a == arm).count(),
        Term::Level { factor, level } => {
            columns.factors[factor].iter().filter(|&&l| l == level).count()
        }
        Term::Covariate(_) => 0,
    };
    count as f64 / columns.response.len() as f64
}

fn expand(term: Term, columns: &AncovaColumns<'_>) -> Vec<f64> {
    match term {
        Term::Arm(arm) => columns.arm.iter().map(|&a| indicator(a == arm)).collect(),
        Term::Level { factor, level } => {
            columns.factors[factor].iter().map(|&l| indicator(l == level)).collect()
        }
        Term::Covariate(index) => columns.covariates[index].to_vec(),
    }
}

fn indicator(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// A mergeable summary from which the model can be fitted: memory for the square of the number of
/// columns, whatever the number of rows.
#[derive(Debug, Clone)]
pub struct AncovaSums {
    layout: AncovaLayout,
    sums: CrossProducts,
    row: Vec<f64>,
}

impl AncovaSums {
    /// No rows yet.
    pub fn new(layout: AncovaLayout) -> Self {
        let columns = layout.terms().len();
        Self { layout, sums: CrossProducts::new(columns), row: vec![0.0; columns] }
    }

    /// Adds one row: its arm, its level of each factor, its covariates and its response.
    pub fn push(
        &mut self,
        arm: usize,
        levels: &[usize],
        covariates: &[f64],
        response: f64,
    ) -> Result<()> {
        self.layout.check_row(arm, levels, covariates)?;
        self.row.fill(0.0);
        self.row[arm] = 1.0;
        let mut offset = self.layout.arms;
        for (level, count) in levels.iter().zip(&self.layout.factor_levels) {
            self.row[offset + level] = 1.0;
            offset += count;
        }
        self.row[offset..].copy_from_slice(covariates);
        self.sums.push(&self.row, response)
    }

    /// Adds the rows behind `other`, which come after these.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.layout != other.layout {
            let (expected, found) = (self.row.len(), other.row.len());
            return Err(StatsError::Shape { expected, found });
        }
        self.sums.merge(&other.sums)
    }

    /// The number of rows of an arm; 0 of one that there is not.
    pub fn n_in(&self, arm: usize) -> u64 {
        // The column of an arm is 1 in its rows, so that its mean is their share.
        let share = self.sums.column_means()[..self.layout.arms].get(arm).copied();
        (share.unwrap_or(0.0) * self.sums.n() as f64).round() as u64
    }

    /// The number of rows.
    pub fn n(&self) -> u64 {
        self.sums.n()
    }

    /// Fits the model: the same as [`ancova`] on the same rows, and the same errors.
    pub fn fit(&self) -> Result<AncovaFit> {
        self.fit_without(&[])
    }

    /// The covariates that have one value in all rows, but for rounding: they say nothing of any row,
    /// and no model with an intercept can hold them.
    pub fn constant_covariates(&self) -> Vec<usize> {
        let first = self.sums.columns() - self.layout.covariates;
        (0..self.layout.covariates).filter(|k| self.sums.is_constant(first + k)).collect()
    }

    /// Fits the model without some of its covariates.
    pub fn fit_without(&self, covariates: &[usize]) -> Result<AncovaFit> {
        crate::checks::at_least(1, self.sums.n() as usize)?;
        let shares = self.sums.column_means();
        let terms = self.layout.terms();
        let left_out =
            |k: &usize| matches!(terms[*k], Term::Covariate(c) if covariates.contains(&c));
        let mut keep = self.layout.estimated(shares);
        keep.retain(|k| !left_out(k));
        let fit = self.sums.fit_on(&keep)?;
        Ok(AncovaFit::new(&self.layout, &keep, shares, fit))
    }
}

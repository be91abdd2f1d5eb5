//! Columns of twins, and the room that drawing them needs.

use crate::Population;

/// The covariates of some twins, a column each: a structure of arrays.
///
/// Used again and again, it allocates only to grow.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// A column of each covariate of the population.
    pub(crate) covariates: Vec<Vec<f64>>,
    /// 1 where a limit holds, else 0; a column of each limit.
    pub(crate) limits: Vec<Vec<f64>>,
    /// Normal scores of the covariates that are correlated, in the order of the copula's rows.
    pub(crate) scores: Vec<Vec<f64>>,
    /// The uniform numbers of one covariate.
    pub(crate) uniforms: Vec<f64>,
    /// The row of people that each twin takes.
    pub(crate) rows: Vec<usize>,
    twins: usize,
}

impl Columns {
    /// Columns of no twins.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many twins the columns hold.
    #[must_use]
    pub fn twins(&self) -> usize {
        self.twins
    }

    /// The values of a covariate, by its position in the population, in its unit.
    ///
    /// Panics where the population has no such covariate, or nothing was drawn yet.
    #[must_use]
    pub fn covariate(&self, index: usize) -> &[f64] {
        &self.covariates[index]
    }

    /// The columns of all covariates, in the population's order.
    #[must_use]
    pub fn covariates(&self) -> &[Vec<f64>] {
        &self.covariates
    }

    /// Where a limit holds: 1, else 0 (also where a covariate that it needs is missing).
    ///
    /// Panics where the population has no such limit, or nothing was drawn yet.
    #[must_use]
    pub fn limit(&self, index: usize) -> &[f64] {
        &self.limits[index]
    }

    /// The first limit that a twin, by its place in the columns, does not meet.
    #[must_use]
    pub fn implausible(&self, twin: usize) -> Option<usize> {
        self.limits.iter().position(|limit| limit[twin] == 0.0)
    }

    /// Room for so many twins of a population.
    pub(crate) fn resize(&mut self, twins: usize, population: &Population) {
        self.twins = twins;
        for (columns, count) in [
            (&mut self.covariates, population.covariates().len()),
            (&mut self.limits, population.limits().len()),
            (&mut self.scores, population.copula().rows.len()),
        ] {
            columns.resize_with(count, Vec::new);
            columns.iter_mut().for_each(|column| column.resize(twins, 0.0));
        }
        self.uniforms.resize(twins, 0.0);
    }
}

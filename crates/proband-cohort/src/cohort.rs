//! The twins of a population.

use crate::people::{ROW, level};
use crate::score::normal_quantiles;
use crate::twins::address;
use crate::{Columns, Law, Marginal, Population, Twins};
use proband_math::distribution::Distribution;
use proband_math::stream::{Address, Seed};
use proband_math::vector::Simd;
use thiserror::Error;

/// The twins that one repetition of a trial draws from a population: without end, and the same
/// whenever and in whatever order they are asked for.
///
/// The uniform number of a covariate has the address (seed, replicate, twin, `covariate/NAME`, 0).
/// A covariate or a correlation that is added or taken away therefore leaves every other covariate
/// as it was, but for those that are correlated with it and come after it: a correlated score is mixed
/// from its own independent score and those of the covariates before it that it is correlated with,
/// directly or through others. The first of a group of correlated covariates never changes.
#[derive(Clone, Copy, Debug)]
pub struct Cohort<'p> {
    population: &'p Population,
    seed: Seed,
    replicate: u32,
}

/// Why twins were not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DrawError {
    /// The population is one of rows, and no table was given to it.
    #[error("the file of people was not read")]
    NoPeople,
    /// There are no more rows.
    #[error("twin {twin} has no row: people are taken in order, and the file ends")]
    BeyondLastRow {
        /// The first twin without a row.
        twin: u64,
    },
}

/// What decides the value of a drawn covariate: where each twin stands among all.
#[derive(Clone, Copy)]
enum Ranks<'a> {
    Uniforms(&'a [f64]),
    Scores(&'a [f64]),
}

impl<'p> Cohort<'p> {
    /// The cohort of a replicate.
    #[must_use]
    pub fn new(population: &'p Population, seed: Seed, replicate: u32) -> Self {
        Self { population, seed, replicate }
    }

    /// Draws twins by their numbers: a range of them, or any.
    ///
    /// # Errors
    /// Where people are rows of a file and there is no row for a twin. The columns are then those of
    /// no twins.
    pub fn draw<'t>(
        &self,
        twins: impl Into<Twins<'t>>,
        columns: &mut Columns,
    ) -> Result<(), DrawError> {
        let twins = twins.into();
        columns.resize(0, self.population);
        self.take_rows(&twins, &mut columns.rows)?;
        columns.resize(twins.count(), self.population);
        self.draw_scores(&twins, columns);
        self.population.copula().mix(&mut columns.scores);
        for &index in self.population.order() {
            let mut column = std::mem::take(&mut columns.covariates[index]);
            self.covariate(index, &twins, columns, &mut column);
            columns.covariates[index] = column;
        }
        self.check_limits(columns);
        Ok(())
    }

    fn take_rows(&self, twins: &Twins<'_>, rows: &mut Vec<usize>) -> Result<(), DrawError> {
        rows.clear();
        if !self.population.has_columns() {
            return Ok(());
        }
        let people = self.population.people().ok_or(DrawError::NoPeople)?;
        let address = address(self.seed, self.replicate, ROW);
        (0..twins.count()).map(|place| twins.number(place)).try_for_each(|twin| {
            let row = people.row(Address { twin, ..address });
            rows.push(row.ok_or(DrawError::BeyondLastRow { twin })?);
            Ok(())
        })
    }

    /// The independent scores of the covariates that are correlated.
    fn draw_scores(&self, twins: &Twins<'_>, columns: &mut Columns) {
        for (row, scores) in self.population.copula().rows.iter().zip(&mut columns.scores) {
            self.uniforms(row.covariate, twins, &mut columns.uniforms);
            normal_quantiles(Simd::detect(), &columns.uniforms, scores);
        }
    }

    fn covariate(
        &self,
        index: usize,
        twins: &Twins<'_>,
        columns: &mut Columns,
        column: &mut [f64],
    ) {
        match &self.population.covariates()[index].law {
            Law::Constant(value) => column.fill(*value),
            Law::Column(_) => {
                let people = self.population.people().expect("rows were taken from them");
                let values = people.column(index);
                column.iter_mut().zip(&columns.rows).for_each(|(x, &row)| *x = values[row]);
            }
            Law::Drawn(marginal) => {
                let score = self.population.copula().mixed(index);
                if score.is_none() {
                    self.uniforms(index, twins, &mut columns.uniforms);
                }
                let ranks = match score {
                    None => Ranks::Uniforms(&columns.uniforms),
                    Some(row) => Ranks::Scores(&columns.scores[row]),
                };
                ranks.values(marginal, &columns.covariates, column);
            }
            Law::Derived(_) => {
                let expression = self.population.derived(index).expect("compiled when checked");
                expression.run(|read| &columns.covariates[read], column);
            }
        }
    }

    fn check_limits(&self, columns: &mut Columns) {
        let Columns { covariates, limits, .. } = columns;
        for (condition, holds) in self.population.conditions().iter().zip(limits) {
            condition.run(|read| &covariates[read], holds);
            // What is missing makes a condition false.
            holds.iter_mut().filter(|holds| holds.is_nan()).for_each(|holds| *holds = 0.0);
        }
    }

    /// The uniform numbers of a covariate.
    fn uniforms(&self, covariate: usize, twins: &Twins<'_>, uniforms: &mut [f64]) {
        let purpose = self.population.purpose(covariate);
        twins.uniforms(address(self.seed, self.replicate, purpose), uniforms);
    }
}

impl Ranks<'_> {
    /// The values of these ranks.
    fn values(self, marginal: &Marginal, covariates: &[Vec<f64>], out: &mut [f64]) {
        match marginal {
            Marginal::Distribution(law) => match self {
                Self::Uniforms(uniforms) => law.quantiles(uniforms, out),
                Self::Scores(scores) => law.at_scores(scores, out),
            },
            Marginal::ByStratum { .. } => {
                for (twin, value) in out.iter_mut().enumerate() {
                    let law = law_of(marginal, |stratum| covariates[stratum][twin]);
                    *value = law.map_or(f64::NAN, |law| self.value(twin, law));
                }
            }
        }
    }

    fn value(self, twin: usize, law: &Distribution) -> f64 {
        match self {
            Self::Uniforms(uniforms) => law.quantile(uniforms[twin]),
            Self::Scores(scores) => law.at_score(scores[twin]),
        }
    }
}

/// The distribution in the strata of one twin; none where a stratum is missing.
fn law_of(marginal: &Marginal, stratum: impl Fn(usize) -> f64) -> Option<&Distribution> {
    let mut marginal = marginal;
    loop {
        match marginal {
            Marginal::Distribution(law) => return Some(law),
            Marginal::ByStratum { covariate, laws } => {
                marginal = &laws[level(stratum(*covariate), laws.len())?];
            }
        }
    }
}

//! Columns of a regression from factors, numbers and their products, and the weights of
//! least-squares means on its coefficients.
//!
//! Every regression of this crate takes columns and every fit takes contrasts; a [`ModelMatrix`] makes
//! both from what a plan says. Factors are coded by indicators of their levels but the first that
//! occurs (R's treatment contrasts, SAS with the reference first).
//!
//! ```
//! use proband_stats::model_matrix::{ModelMatrix, Margins, Variable};
//! use proband_stats::{Level, linear::ols};
//!
//! let arm = [0, 0, 0, 0, 1, 1, 1, 1];
//! let sex = [0, 1, 0, 1, 0, 1, 1, 1];
//! let base = [1.0, 2.0, 4.0, 3.0, 2.0, 1.0, 5.0, 3.0];
//! let change = [0.1, 0.9, 0.4, 1.4, 2.0, 3.1, 2.8, 3.0];
//! let variables = [
//!     Variable::Factor { codes: &arm, levels: 2 },
//!     Variable::Factor { codes: &sex, levels: 2 },
//!     Variable::Number(&base),
//! ];
//! // arm + sex + base + arm:sex
//! let matrix = ModelMatrix::new(&variables, &[&[0], &[1], &[2], &[0, 1]])?;
//! let fit = ols(&matrix.columns(), &change)?;
//! let active = matrix.mean(&[(0, 1)], Margins::Equal)?;
//! let control = matrix.mean(&[(0, 0)], Margins::Equal)?;
//! let effect = fit.coefficients().difference(&active, &control, Level::P95)?;
//! assert!(effect.estimate.value > 1.0);
//! # Ok::<(), proband_stats::StatsError>(())
//! ```

use crate::checks::{all_finite, at_least, index_below, mean, same_length};
use crate::error::{Result, StatsError};

pub use crate::ancova::Margins;

/// A variable of a model, with a value for each row.
#[derive(Debug, Clone, Copy)]
pub enum Variable<'a> {
    /// One of a number of levels, numbered from 0.
    Factor {
        /// The level of each row.
        codes: &'a [usize],
        /// How many levels there can be; those that do not occur are left out.
        levels: usize,
    },
    /// A number.
    Number(&'a [f64]),
}

impl Variable<'_> {
    fn rows(self) -> usize {
        match self {
            Self::Factor { codes, .. } => codes.len(),
            Self::Number(values) => values.len(),
        }
    }

    fn check(self, rows: usize) -> Result<()> {
        same_length(rows, self.rows())?;
        match self {
            Self::Factor { codes, levels } => {
                codes.iter().try_for_each(|&code| index_below(levels, code))
            }
            Self::Number(values) => all_finite(values),
        }
    }

    /// The levels that occur; none for a number.
    fn present(self) -> Vec<usize> {
        let Self::Factor { codes, levels } = self else { return Vec::new() };
        let mut seen = vec![false; levels];
        for &code in codes {
            seen[code] = true;
        }
        (0..levels).filter(|&level| seen[level]).collect()
    }
}

/// One part of a product that makes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// 1 where a factor has this level.
    Is { variable: usize, level: usize },
    /// The value of a number.
    Value { variable: usize },
}

/// The columns of a model without its intercept, and what they stand for.
#[derive(Debug, Clone)]
pub struct ModelMatrix<'a> {
    variables: Vec<Variable<'a>>,
    present: Vec<Vec<usize>>,
    means: Vec<f64>,
    /// For each column, the parts whose product it is, and the term it belongs to.
    parts: Vec<(Vec<Part>, usize)>,
    columns: Vec<Vec<f64>>,
}

impl<'a> ModelMatrix<'a> {
    /// The columns of `terms`, each the product of the variables it names by their places.
    ///
    /// A product needs every shorter product of its variables that leaves one of its factors out, so
    /// that its columns say what an interaction is understood to say: without one it fails with
    /// [`StatsError::NoSuchIndex`]. Fails too for variables that differ in length or are not finite, and
    /// levels outside their number. The column of a combination of levels that does not occur is zero,
    /// which the regression reports as [`StatsError::Singular`].
    pub fn new(variables: &[Variable<'a>], terms: &[&[usize]]) -> Result<Self> {
        let rows = variables.first().map_or(0, |v| v.rows());
        at_least(1, rows)?;
        variables.iter().try_for_each(|v| v.check(rows))?;
        for (index, term) in terms.iter().enumerate() {
            check_term(variables, terms, index, term)?;
        }
        let present: Vec<Vec<usize>> = variables.iter().map(|v| v.present()).collect();
        let mut parts = Vec::new();
        for (index, term) in terms.iter().enumerate() {
            parts.extend(products(variables, &present, term).into_iter().map(|p| (p, index)));
        }
        let columns = parts.iter().map(|(p, _)| multiply(variables, p, rows)).collect();
        let means = variables.iter().map(|v| centre(*v)).collect::<Result<_>>()?;
        Ok(Self { variables: variables.to_vec(), present, means, parts, columns })
    }

    /// The columns, as the regressions of this crate take them.
    pub fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The columns with every row at `level` of the factor `variable`: what the rows would be under one
    /// treatment. Fails as [`ModelMatrix::mean`] does.
    pub fn with_level(&self, variable: usize, level: usize) -> Result<Vec<Vec<f64>>> {
        self.occurs(variable, level)?;
        let mut variables = self.variables.clone();
        let rows = variables[0].rows();
        let codes = vec![level; rows];
        let levels = level + 1;
        variables[variable] = Variable::Factor { codes: &codes, levels };
        Ok(self.parts.iter().map(|(parts, _)| multiply(&variables, parts, rows)).collect())
    }

    fn occurs(&self, variable: usize, level: usize) -> Result<()> {
        index_below(self.variables.len(), variable)?;
        let count = self.present[variable].len();
        if self.present[variable].contains(&level) {
            return Ok(());
        }
        Err(StatsError::NoSuchIndex { index: level, count })
    }

    /// The coefficients (0 is the intercept) of term `index`, to be tested together.
    pub fn coefficients_of(&self, index: usize) -> Vec<usize> {
        (0..self.parts.len()).filter(|&k| self.parts[k].1 == index).map(|k| k + 1).collect()
    }

    /// The weights on the coefficients, intercept first, of the least-squares mean at given levels of
    /// factors, as pairs of a variable and a level: numbers at their means over all rows, other factors
    /// by `margins` (equally over the levels that occur, or as often as their combinations occur).
    ///
    /// Fails for a variable that is not a factor and for a level that does not occur.
    pub fn mean(&self, at: &[(usize, usize)], margins: Margins) -> Result<Vec<f64>> {
        for &(variable, level) in at {
            self.occurs(variable, level)?;
        }
        let weight = |(parts, _): &(Vec<Part>, usize)| match margins {
            Margins::Equal => parts.iter().map(|&part| self.equally(part, at)).product(),
            Margins::Observed => self.observed(parts, at),
        };
        Ok(std::iter::once(1.0).chain(self.parts.iter().map(weight)).collect())
    }

    /// A part averaged over the levels that occur, unless `at` fixes its variable.
    fn equally(&self, part: Part, at: &[(usize, usize)]) -> f64 {
        match part {
            Part::Value { variable } => self.means[variable],
            Part::Is { variable, level } => match fixed(at, variable) {
                Some(chosen) => f64::from(u8::from(chosen == level)),
                None => 1.0 / self.present[variable].len() as f64,
            },
        }
    }

    /// A product averaged over the rows, with the variables of `at` fixed and numbers at their means.
    fn observed(&self, parts: &[Part], at: &[(usize, usize)]) -> f64 {
        let rows = self.variables[0].rows();
        let value = |row: usize| -> f64 {
            let one = |&part: &Part| match part {
                Part::Value { variable } => self.means[variable],
                Part::Is { variable, level } => {
                    let code = fixed(at, variable).unwrap_or_else(|| self.code(variable, row));
                    f64::from(u8::from(code == level))
                }
            };
            parts.iter().map(one).product()
        };
        (0..rows).map(value).sum::<f64>() / rows as f64
    }

    fn code(&self, variable: usize, row: usize) -> usize {
        match self.variables[variable] {
            Variable::Factor { codes, .. } => codes[row],
            // Only factors have parts of the kind that asks.
            Variable::Number(_) => 0,
        }
    }
}

fn fixed(at: &[(usize, usize)], variable: usize) -> Option<usize> {
    at.iter().find(|(v, _)| *v == variable).map(|(_, level)| *level)
}

fn centre(variable: Variable<'_>) -> Result<f64> {
    match variable {
        Variable::Factor { .. } => Ok(0.0),
        Variable::Number(values) => mean(values),
    }
}

fn check_term(
    variables: &[Variable<'_>],
    terms: &[&[usize]],
    index: usize,
    term: &[usize],
) -> Result<()> {
    at_least(1, term.len())?;
    for (place, &variable) in term.iter().enumerate() {
        index_below(variables.len(), variable)?;
        let factor = matches!(variables[variable], Variable::Factor { .. });
        if factor && term[..place].contains(&variable) {
            return Err(StatsError::Singular { column: index });
        }
        let shorter: Vec<usize> =
            term.iter().enumerate().filter(|(k, _)| *k != place).map(|(_, &v)| v).collect();
        let there = shorter.is_empty() || terms.iter().any(|other| same(other, &shorter));
        if factor && !there {
            return Err(StatsError::NoSuchIndex { index, count: terms.len() });
        }
    }
    Ok(())
}

fn same(a: &[usize], b: &[usize]) -> bool {
    let sorted = |v: &[usize]| {
        let mut v = v.to_vec();
        v.sort_unstable();
        v
    };
    sorted(a) == sorted(b)
}

/// The products of a term's columns, the first variable varying fastest, as R orders them.
fn products(
    variables: &[Variable<'_>],
    present: &[Vec<usize>],
    term: &[usize],
) -> Vec<Vec<Part>> {
    let mut all = vec![Vec::new()];
    for &variable in term {
        let choices: Vec<Part> = match variables[variable] {
            Variable::Number(_) => vec![Part::Value { variable }],
            Variable::Factor { .. } => present[variable][1..]
                .iter()
                .map(|&level| Part::Is { variable, level })
                .collect(),
        };
        let with = |choice: &Part| {
            let choice = *choice;
            all.iter().map(move |parts: &Vec<Part>| [&parts[..], &[choice]].concat())
        };
        all = choices.iter().flat_map(with).collect();
    }
    all
}

fn multiply(variables: &[Variable<'_>], parts: &[Part], rows: usize) -> Vec<f64> {
    let value = |part: &Part, row: usize| match (*part, variables) {
        (Part::Value { variable }, all) => match all[variable] {
            Variable::Number(values) => values[row],
            Variable::Factor { codes, .. } => codes[row] as f64,
        },
        (Part::Is { variable, level }, all) => match all[variable] {
            Variable::Factor { codes, .. } => f64::from(u8::from(codes[row] == level)),
            Variable::Number(_) => 0.0,
        },
    };
    (0..rows).map(|row| parts.iter().map(|part| value(part, row)).product()).collect()
}

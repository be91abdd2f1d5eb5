//! People as rows of a table, and which row a twin takes.

use crate::{Covariate, Law, PeopleDraw, PeopleFile};
use proband_math::distribution::{Distribution, DistributionError};
use proband_math::stream::{Address, Purpose};
use thiserror::Error;

/// What draws a row for a twin.
pub(crate) const ROW: Purpose = Purpose::new("people");

/// A table of people: named columns of equal length. A missing value is NaN; a level is its position.
#[derive(Clone, Debug, Default)]
pub struct PeopleTable {
    columns: Vec<(String, Vec<f64>)>,
}

impl PeopleTable {
    /// The table of these columns.
    ///
    /// # Errors
    /// Where columns differ in length, or two have one name.
    pub fn new(columns: Vec<(String, Vec<f64>)>) -> Result<Self, PeopleError> {
        let rows = columns.first().map_or(0, |column| column.1.len());
        for (index, (name, values)) in columns.iter().enumerate() {
            if values.len() != rows {
                let (name, found) = (name.clone(), values.len());
                return Err(PeopleError::Ragged { name, expected: rows, found });
            }
            if columns[..index].iter().any(|earlier| earlier.0 == *name) {
                return Err(PeopleError::TwoColumns { name: name.clone() });
            }
        }
        Ok(Self { columns })
    }

    /// How many people there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.1.len())
    }

    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Result<&[f64], PeopleError> {
        let found = self.columns.iter().find(|column| column.0 == name);
        let no_column = || PeopleError::NoColumn { name: name.to_owned() };
        found.map(|column| column.1.as_slice()).ok_or_else(no_column)
    }
}

/// Why a table gives no people.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PeopleError {
    /// Columns of different lengths.
    #[error("column `{name}` has {found} rows, the first column has {expected}")]
    Ragged {
        /// The column.
        name: String,
        /// The length of the first.
        expected: usize,
        /// Its length.
        found: usize,
    },
    /// Two columns of one name.
    #[error("two columns are named `{name}`")]
    TwoColumns {
        /// The name.
        name: String,
    },
    /// A column that the population names and the table lacks.
    #[error("there is no column `{name}`")]
    NoColumn {
        /// The name.
        name: String,
    },
    /// No people.
    #[error("there are no rows")]
    NoRows,
    /// Weights that choose nobody.
    #[error("column `{name}` gives no weights: {error}")]
    Weights {
        /// The column of weights.
        name: String,
        /// What is wrong with them.
        error: DistributionError,
    },
    /// A value that is no level of its covariate.
    #[error("column `{name}` has {value} in row {row}, which is no level")]
    NotALevel {
        /// The column.
        name: String,
        /// The row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
}

/// The people of a population: the columns that are its covariates, and how twins take rows.
#[derive(Clone, Debug)]
pub(crate) struct People {
    rows: Rows,
    /// By covariate; empty where it is no column.
    columns: Vec<Vec<f64>>,
}

impl People {
    pub(crate) fn new(
        file: &PeopleFile,
        covariates: &[Covariate],
        table: &PeopleTable,
    ) -> Result<Self, PeopleError> {
        let rows = Rows::new(file, table)?;
        let columns = covariates.iter().map(|covariate| column(covariate, table));
        Ok(Self { rows, columns: columns.collect::<Result<_, _>>()? })
    }

    /// The row that the twin at this address (of purpose [`ROW`]) takes; none beyond the last.
    pub(crate) fn row(&self, twin: Address) -> Option<usize> {
        match &self.rows {
            Rows::InOrder(rows) => (twin.twin < *rows).then_some(twin.twin as usize),
            Rows::Drawn(law) => Some(law.quantile(twin.uniform()) as usize),
        }
    }

    /// The values of a covariate that is a column, by row.
    pub(crate) fn column(&self, covariate: usize) -> &[f64] {
        &self.columns[covariate]
    }
}

/// The values of a covariate in a table, each a level if it has levels; none if it is no column.
fn column(covariate: &Covariate, table: &PeopleTable) -> Result<Vec<f64>, PeopleError> {
    let Law::Column(name) = &covariate.law else {
        return Ok(Vec::new());
    };
    let values = table.column(name)?;
    let levels = covariate.levels.as_ref().map(|levels| levels.len());
    let is_foreign = |value: f64| {
        levels.is_some_and(|levels| !value.is_nan() && level(value, levels).is_none())
    };
    match values.iter().position(|&value| is_foreign(value)) {
        Some(row) => {
            Err(PeopleError::NotALevel { name: name.clone(), row, value: values[row] })
        }
        None => Ok(values.to_vec()),
    }
}

/// The level that a value is, of so many.
pub(crate) fn level(value: f64, levels: usize) -> Option<usize> {
    let is_level = value >= 0.0 && value < levels as f64 && value.fract() == 0.0;
    is_level.then_some(value as usize)
}

/// How twins take rows.
#[derive(Clone, Debug)]
enum Rows {
    /// Twin `i` is row `i` of so many.
    InOrder(u64),
    /// The row is drawn from this law.
    Drawn(Distribution),
}

impl Rows {
    fn new(file: &PeopleFile, table: &PeopleTable) -> Result<Self, PeopleError> {
        if table.rows() == 0 {
            return Err(PeopleError::NoRows);
        }
        match &file.draw {
            PeopleDraw::InOrder => Ok(Self::InOrder(table.rows() as u64)),
            PeopleDraw::Bootstrap { weight: None } => {
                Self::weighted(&vec![1.0; table.rows()], "")
            }
            PeopleDraw::Bootstrap { weight: Some(name) } => {
                Self::weighted(table.column(name)?, name)
            }
        }
    }

    fn weighted(weights: &[f64], name: &str) -> Result<Self, PeopleError> {
        let points = weights.iter().enumerate().map(|(row, &weight)| (row as f64, weight));
        let rows = Distribution::empirical(&points.collect::<Vec<_>>());
        let no_weights = |error| PeopleError::Weights { name: name.to_owned(), error };
        Ok(Self::Drawn(rows.map_err(no_weights)?))
    }
}

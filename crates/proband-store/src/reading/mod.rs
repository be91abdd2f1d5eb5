//! Users' tables as named columns: CSV (RFC 4180) and Parquet.
//!
//! The whole table is read, and every fault of it reported at once, by row and column. What a column
//! is used for is the caller's business: asked for numbers, a column of texts says which is none.

mod csv;
mod parquet;
mod scan;
mod tally;

pub use scan::{ColumnHead, Rows, column_heads, scan};
pub use tally::{Tally, tally};

use std::fmt;
use std::path::{Path, PathBuf};

/// A table that a user wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct UserTable {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its columns, in the order of the file.
    pub columns: Vec<UserColumn>,
    /// The number of rows.
    pub rows: usize,
}

/// A column of a user's table.
#[derive(Clone, Debug, PartialEq)]
pub struct UserColumn {
    /// Its name.
    pub name: String,
    /// Its unit, where the file says (in the metadata of a Parquet column).
    pub unit: Option<String>,
    /// Its values.
    pub values: UserValues,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum UserValues {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Texts, at least one of which is no number.
    Texts(Vec<Option<String>>),
    /// A kind of value that no table of a trial can use, such as dates or lists.
    Unusable(String),
}

/// Everything that is wrong with a user's table, or with the use of it.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, in the order of the rows; at most [`ReadError::SHOWN`] faults.
    pub faults: Vec<ReadFault>,
    /// How many more there are.
    pub more: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFault {
    /// The row, counted from 1 without the line of names.
    pub row: Option<usize>,
    /// The line of the file, from 1, where it is a file of lines.
    pub line: Option<usize>,
    /// The column.
    pub column: Option<String>,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
}

/// Reads a file whose name ends in `.csv` or `.parquet`.
pub fn read_table(path: &Path) -> Result<UserTable, ReadError> {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("csv") => csv::read(path),
        Some("parquet") => parquet::read(path),
        _ => Err(ReadError::whole(path, "a table is a `.csv` or a `.parquet` file")),
    }
}

impl UserTable {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Result<&UserColumn, ReadError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let names: Vec<String> =
                self.columns.iter().map(|column| format!("`{}`", column.name)).collect();
            let message = format!("no column is named `{name}`: it has {}", names.join(", "));
            ReadError::whole(&self.path, message)
        })
    }

    /// The numbers of a column, NaN where one is missing. Fails, naming every row, if it has texts or
    /// infinite numbers.
    pub fn numbers(&self, name: &str) -> Result<&[f64], ReadError> {
        let column = self.column(name)?;
        match &column.values {
            UserValues::Numbers(numbers) => self.finite(name, numbers),
            UserValues::Texts(texts) => {
                let text = |row: &Option<String>| row.clone().filter(|t| number(t).is_none());
                Err(self.not_numbers(name, texts.iter().map(text)))
            }
            UserValues::Unusable(kind) => Err(self.unusable(name, kind)),
        }
    }

    /// The texts of a column; numbers are written as texts.
    pub fn texts(&self, name: &str) -> Result<Vec<Option<String>>, ReadError> {
        let column = self.column(name)?;
        match &column.values {
            UserValues::Texts(texts) => Ok(texts.clone()),
            UserValues::Numbers(numbers) => Ok(numbers
                .iter()
                .map(|number| (!number.is_nan()).then(|| number.to_string()))
                .collect()),
            UserValues::Unusable(kind) => Err(self.unusable(name, kind)),
        }
    }

    fn finite<'a>(&self, name: &str, numbers: &'a [f64]) -> Result<&'a [f64], ReadError> {
        if !numbers.iter().any(|number| number.is_infinite()) {
            return Ok(numbers);
        }
        let infinite = |number: &f64| number.is_infinite().then(|| number.to_string());
        Err(self.not_numbers(name, numbers.iter().map(infinite)))
    }

    /// One fault for each row that has something which is no number.
    fn not_numbers(&self, name: &str, rows: impl Iterator<Item = Option<String>>) -> ReadError {
        let faults = rows.enumerate().filter_map(|(row, text)| {
            Some(ReadFault {
                row: Some(row + 1),
                line: None,
                column: Some(name.into()),
                message: format!("`{}` is not a number", text?),
            })
        });
        ReadError::new(&self.path, faults.collect())
    }

    fn unusable(&self, name: &str, kind: &str) -> ReadError {
        let message = format!("values of kind {kind} cannot be used, only numbers and texts");
        let fault = ReadFault { row: None, line: None, column: Some(name.into()), message };
        ReadError::new(&self.path, vec![fault])
    }
}

/// The finite number that a text is. The words that Rust reads as infinities and NaN are none.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Numbers, if every text that is there is one.
fn typed(texts: Vec<Option<String>>) -> UserValues {
    let numbers: Option<Vec<f64>> =
        texts.iter().map(|text| text.as_deref().map_or(Some(f64::NAN), number)).collect();
    numbers.map_or(UserValues::Texts(texts), UserValues::Numbers)
}

impl ReadError {
    /// How many faults of a table are reported in full.
    pub const SHOWN: usize = 20;

    fn new(path: &Path, mut faults: Vec<ReadFault>) -> Self {
        let more = faults.len().saturating_sub(Self::SHOWN);
        faults.truncate(Self::SHOWN);
        Self { path: path.into(), faults, more }
    }

    /// A fault of the file as a whole.
    fn whole(path: &Path, message: impl Into<String>) -> Self {
        let fault = ReadFault { row: None, line: None, column: None, message: message.into() };
        Self::new(path, vec![fault])
    }

    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::whole(path, format!("cannot be read: {error}"))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}`{}`{fault}", self.path.display())?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\n`{}`: and {more} more", self.path.display()),
        }
    }
}

impl std::error::Error for ReadError {}

impl fmt::Display for ReadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

//! Why a run could not be exported.

use proband_store::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a run could not be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// A file of the run could not be read, or one of the export not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A number that XPORT has no place for.
    #[error("`{table}` has the number {value:e} in `{column}`, and XPORT ends at 7.2e75")]
    TooLarge {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// The number.
        value: f64,
    },
    /// More columns than a format counts.
    #[error("`{table}` has {columns} columns, and XPORT counts to 9999")]
    TooManyColumns {
        /// The table.
        table: &'static str,
        /// Its columns.
        columns: usize,
    },
    /// There is no DuckDB to make the file.
    #[error(
        "a DuckDB file is made by DuckDB itself, and none was found; `{}` makes it where there is one",
        script.display()
    )]
    NoDuckDb {
        /// The script that was written for it.
        script: PathBuf,
    },
    /// DuckDB did not do what it was asked.
    #[error("`{}` could not make the DuckDB file: {said}", program.display())]
    DuckDb {
        /// What was run.
        program: PathBuf,
        /// What it said.
        said: String,
    },
}

/// What the functions of this crate return.
pub(crate) type Result<T> = std::result::Result<T, ExportError>;

impl ExportError {
    /// The error of a system call on a file that is written.
    pub(crate) fn write(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| StoreError::Io { action: "write", path: path.into(), source }.into()
    }
}

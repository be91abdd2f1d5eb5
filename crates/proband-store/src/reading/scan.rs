//! A table of ours from its first row to its last, some thousands at a time, by the columns that are needed.

use super::ReadError;
use super::parquet::{Reader, reader};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::fmt::Display;
use std::fs::File;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows that are held at once.
const ROWS: usize = 8192;

/// Some rows of a table, with the columns that were asked for, by their place in the question.
#[derive(Debug)]
pub struct Rows {
    columns: Vec<Values>,
    rows: usize,
}

/// The values of a column; numbers are read when they are asked for.
#[derive(Debug)]
enum Values {
    Numbers(Vec<f64>),
    Texts(StringArray),
}

impl Rows {
    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows
    }

    /// A number; NaN where there is none.
    #[must_use]
    pub fn number(&self, column: usize, row: usize) -> f64 {
        match &self.columns[column] {
            Values::Numbers(numbers) => numbers[row],
            Values::Texts(_) => f64::NAN,
        }
    }

    /// A text; none where there is none.
    #[must_use]
    pub fn text(&self, column: usize, row: usize) -> Option<&str> {
        match &self.columns[column] {
            Values::Texts(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Values::Numbers(_) => None,
        }
    }
}

/// Calls `each` with the rows of a Parquet table of ours in their order, until it says that it has enough.
///
/// # Errors
/// When there is no such file, a column is missing, or the file is damaged.
pub fn scan(
    path: &Path,
    columns: &[&str],
    mut each: impl FnMut(&Rows) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    // The Parquet library panics on some damaged files, and what was read of one is not used.
    let scanned = catch_unwind(AssertUnwindSafe(|| scan_batches(path, columns, &mut each)));
    scanned.unwrap_or_else(|_| Err(ReadError::whole(path, "cannot be read: it is damaged")))
}

fn scan_batches(
    path: &Path,
    columns: &[&str],
    each: &mut dyn FnMut(&Rows) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let failed =
        |error: &dyn Display| ReadError::whole(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(ReadError::io(path))?;
    // Without what Arrow noted, dictionaries come as texts.
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, plain)
        .map_err(|e| failed(&e))?;
    let kept = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let builder = builder.with_projection(kept).with_batch_size(ROWS);
    for batch in builder.build().map_err(|e| failed(&e))? {
        let batch = batch.map_err(|e| failed(&e))?;
        let read = |name: &&str| {
            let column = values(&batch, name);
            column.ok_or_else(|| failed(&format!("it has no column `{name}` that can be used")))
        };
        let columns = columns.iter().map(read).collect::<Result<_, _>>()?;
        if each(&Rows { columns, rows: batch.num_rows() }).is_break() {
            break;
        }
    }
    Ok(())
}

fn values(batch: &RecordBatch, name: &str) -> Option<Values> {
    let array: &ArrayRef = batch.column_by_name(name)?;
    if *array.data_type() == DataType::Utf8 {
        return Some(Values::Texts(array.as_string::<i32>().clone()));
    }
    let read: Reader = reader(array.data_type())?;
    let mut numbers = Vec::with_capacity(array.len());
    read(&mut numbers, array.as_ref());
    Some(Values::Numbers(numbers))
}

/// What a column of a table is called, what it is and in which unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnHead {
    /// Its name.
    pub name: String,
    /// Its unit, where all its values share one.
    pub unit: Option<String>,
    /// Whether it holds numbers.
    pub is_number: bool,
}

/// The columns of a Parquet table, without reading its rows.
///
/// # Errors
/// When there is no such file, or it is damaged.
pub fn column_heads(path: &Path) -> Result<Vec<ColumnHead>, ReadError> {
    let failed =
        |error: &dyn Display| ReadError::whole(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(ReadError::io(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| failed(&e))?;
    let head = |field: &arrow_schema::FieldRef| ColumnHead {
        name: field.name().clone(),
        unit: field.metadata().get("unit").cloned(),
        is_number: reader(field.data_type()).is_some(),
    };
    Ok(builder.schema().fields().iter().map(head).collect())
}

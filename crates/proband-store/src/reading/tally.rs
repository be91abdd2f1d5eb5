//! How often each combination of texts stands in a table, without holding the table.

use super::ReadError;
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::path::Path;

/// Texts of a row, in the order asked for, and in how many rows they stand.
pub type Tally = BTreeMap<Vec<Option<String>>, u64>;

/// Counts the rows of a Parquet table of ours by the texts in some of its columns.
pub fn tally(path: &Path, columns: &[&str]) -> Result<Tally, ReadError> {
    let failed =
        |error: &dyn Display| ReadError::whole(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(ReadError::io(path))?;
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, plain)
        .map_err(|e| failed(&e))?;
    let kept = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let batches = builder.with_projection(kept).build().map_err(|e| failed(&e))?;
    let mut counts = Tally::new();
    for batch in batches {
        let batch = batch.map_err(|e| failed(&e))?;
        let texts = columns.iter().map(|name| texts(&batch, name)).collect::<Option<Vec<_>>>();
        count(&texts.ok_or_else(|| failed(&"a column is missing"))?, &mut counts);
    }
    Ok(counts)
}

fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}

fn count(columns: &[&StringArray], counts: &mut Tally) {
    for row in 0..columns.first().map_or(0, |column| column.len()) {
        let text =
            |column: &&StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        *counts.entry(columns.iter().map(text).collect()).or_default() += 1;
    }
}

//! The tables of a finished run, read piece by piece: no more than a row group is held at once.

use crate::error::{Result, StoreError};
use crate::files;
use crate::folder::RunFolder;
use crate::manifest::RunManifest;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use proband_engine::tables::{Batch, Column, ColumnId, Kind, Schema, TableId};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that are handed over at once.
const PIECE: usize = 65_536;

type Builder = ParquetRecordBatchReaderBuilder<File>;

/// A table of a finished run, in one file or, where shards stay where they are, in several.
#[derive(Clone, Debug)]
pub struct StoredTable {
    files: Vec<PathBuf>,
    schema: Arc<Schema>,
    rows: u64,
    levels: Vec<Vec<Arc<str>>>,
}

impl RunFolder {
    /// The tables of a finished run, in the order of the schema page.
    ///
    /// Fails if a file is not there, or is not what was written.
    pub fn stored_tables(&self, manifest: &RunManifest) -> Result<Vec<StoredTable>> {
        let mut tables = Vec::new();
        for table in TableId::ALL {
            let files = self.hashed_files_of(table.name(), manifest)?;
            if !files.is_empty() {
                tables.push(StoredTable::open(table, files)?);
            }
        }
        Ok(tables)
    }
}

impl StoredTable {
    /// Opens the files of a table, of which there is one, after making sure that they are what was written.
    fn open(table: TableId, hashed: Vec<(PathBuf, String)>) -> Result<Self> {
        let (mut known, mut rows, mut levels) = (None, 0, Vec::new());
        for (path, hash) in &hashed {
            if files::hash_file(path)? != *hash {
                return Err(StoreError::Changed { path: path.clone() });
            }
            let failed = |error| StoreError::parquet("read", path)(error);
            let builder = builder(path)?;
            rows += builder.metadata().file_metadata().num_rows() as u64;
            let schema = schema(&builder, table).map_err(failed)?;
            levels.resize(schema.columns.len(), Vec::new());
            add_levels_of_file(&mut levels, builder).map_err(failed)?;
            known.get_or_insert(schema);
        }
        let schema = Arc::new(known.expect("a table has a file"));
        let files = hashed.into_iter().map(|(path, _)| path).collect();
        Ok(Self { files, schema, rows, levels })
    }

    /// The columns. Flags are levels here, which say `Y` and `N`.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The Parquet files, in the order of the rows.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The levels that occur in a column of levels, in the order of the rows; of others nothing.
    #[must_use]
    pub fn levels(&self, column: ColumnId) -> &[Arc<str>] {
        &self.levels[column.0]
    }

    /// Hands over the rows, piece after piece. A level has one code in all of them.
    pub fn read<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(&Batch) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut piece = Batch::new(Arc::clone(&self.schema));
        for path in &self.files {
            for rows in reader(path)? {
                let failed = StoreError::parquet("read", path);
                self.refill(&mut piece, &rows.map_err(|error| failed(error.into()))?);
                visit(&piece)?;
            }
        }
        Ok(())
    }

    fn refill(&self, piece: &mut Batch, rows: &RecordBatch) {
        piece.clear();
        for (index, levels) in self.levels.iter().enumerate() {
            for level in levels {
                piece.level(ColumnId(index), level);
            }
        }
        for row in 0..rows.num_rows() {
            for (index, values) in rows.columns().iter().enumerate() {
                if values.is_valid(row) {
                    set(piece, ColumnId(index), values.as_ref(), row);
                }
            }
            piece.end_row();
        }
    }
}

/// The rows of Parquet files, as they say themselves.
pub fn row_count(files: &[PathBuf]) -> Result<u64> {
    let rows = |path: &PathBuf| Ok(builder(path)?.metadata().file_metadata().num_rows() as u64);
    files.iter().map(rows).sum()
}

pub(crate) fn reader(path: &Path) -> Result<ParquetRecordBatchReader> {
    let reader = builder(path)?.with_batch_size(PIECE).build();
    reader.map_err(StoreError::parquet("read", path))
}

fn builder(path: &Path) -> Result<Builder> {
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    Builder::try_new(file).map_err(StoreError::parquet("read", path))
}

/// The columns that a file says it has.
fn schema(builder: &Builder, table: TableId) -> std::result::Result<Schema, ParquetError> {
    let unknown =
        || ParquetError::General("it has a column of a kind that is not ours".to_owned());
    let groups = builder.metadata().row_groups();
    let sorted = groups.first().and_then(|group| group.sorting_columns());
    let key = |index: usize| {
        sorted.is_some_and(|sorted| sorted.iter().any(|of| of.column_idx as usize == index))
    };
    let fields = builder.schema().fields().iter().enumerate();
    let columns = fields.map(|(index, field)| column(field, key(index))).collect::<Option<_>>();
    Ok(Schema { table, columns: columns.ok_or_else(unknown)? })
}

fn column(field: &Field, key: bool) -> Option<Column> {
    let kind = match field.data_type() {
        DataType::Float64 => Kind::Number,
        DataType::Int32 => Kind::Integer,
        DataType::Date32 => Kind::Date,
        DataType::Utf8 => Kind::Text,
        DataType::Dictionary(..) => Kind::Level,
        _ => return None,
    };
    let noted = |name: &str| field.metadata().get(name).cloned();
    let label = noted("label").unwrap_or_default();
    Some(Column { name: field.name().clone(), kind, unit: noted("unit"), label, key })
}

/// Adds the levels of each column that a file has, from a pass over the columns that have some.
fn add_levels_of_file(
    found: &mut [Vec<Arc<str>>],
    builder: Builder,
) -> std::result::Result<(), ParquetError> {
    let fields = builder.schema().fields().clone();
    let dictionaries: Vec<usize> = (0..fields.len())
        .filter(|&index| matches!(fields[index].data_type(), DataType::Dictionary(..)))
        .collect();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), dictionaries.iter().copied());
    for rows in builder.with_projection(mask).with_batch_size(PIECE).build()? {
        for (&index, values) in dictionaries.iter().zip(rows?.columns()) {
            add_levels(&mut found[index], values.as_ref());
        }
    }
    Ok(())
}

/// Adds the levels that rows have and that are not known yet.
fn add_levels(known: &mut Vec<Arc<str>>, values: &dyn Array) {
    let dictionary = values.as_dictionary::<Int32Type>();
    let texts = dictionary.values().as_string::<i32>();
    let mut seen = vec![false; texts.len()];
    for code in dictionary.keys().iter().flatten() {
        let code = code as usize;
        if std::mem::replace(&mut seen[code], true) {
            continue;
        }
        if !known.iter().any(|level| **level == *texts.value(code)) {
            known.push(texts.value(code).into());
        }
    }
}

/// Sets a value that is there.
fn set(piece: &mut Batch, column: ColumnId, values: &dyn Array, row: usize) {
    match values.data_type() {
        DataType::Float64 => {
            piece.number(column, values.as_primitive::<Float64Type>().value(row));
        }
        DataType::Int32 => piece.integer(column, values.as_primitive::<Int32Type>().value(row)),
        DataType::Date32 => piece.date(column, values.as_primitive::<Date32Type>().value(row)),
        DataType::Utf8 => piece.text(column, values.as_string::<i32>().value(row)),
        _ => {
            let dictionary = values.as_dictionary::<Int32Type>();
            let code = dictionary.keys().value(row) as usize;
            piece.text(column, dictionary.values().as_string::<i32>().value(code));
        }
    }
}

//! Shards of a table to one file.
//!
//! Large pieces are copied as they are, column chunk by column chunk. Small ones would make a file of
//! many tiny row groups, slow to read: they are decoded and encoded again. Which of the two depends
//! on the rows and shards alone, and neither holds more than a row group.

use crate::error::{Result, StoreError};
use crate::files;
use crate::manifest::TableFile;
use crate::shard::ShardFile;
use crate::table_file::properties;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use proband_engine::tables::TableId;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Shards of this many rows on average are copied.
const COPIED_FROM: u64 = 16_384;

/// Rows of a row group made of smaller shards.
const ROW_GROUP: usize = 131_072;

/// Row groups that a table of so many rows has when it is put together from so many shards.
#[must_use]
pub fn row_groups(rows: u64, shards: u32) -> u64 {
    let shards = u64::from(shards).max(1);
    match rows {
        0 => 0,
        rows if rows / shards >= COPIED_FROM => shards,
        rows => rows.div_ceil(ROW_GROUP as u64),
    }
}

/// Puts a table together from its pieces, in the order of the shards; none if there are none.
pub(crate) fn table(
    pieces: Vec<Piece<'_>>,
    table: TableId,
    path: &Path,
) -> Result<Option<TableFile>> {
    let pieces = Pieces { files: pieces };
    let Some(first) = pieces.files.first() else { return Ok(None) };
    let form = Form::of(first)?;
    let rows = pieces.rows();
    let written = files::write_whole(path, |file| {
        if rows / pieces.files.len() as u64 >= COPIED_FROM {
            pieces.copy(file, &form, path)
        } else {
            pieces.encode(file, &form, path)
        }
    })?;
    let name = table.name().into();
    Ok(Some(TableFile { table: name, rows, bytes: written.bytes, blake3: written.blake3 }))
}

/// The files of a table, in the order of the shards.
struct Pieces<'s> {
    files: Vec<Piece<'s>>,
}

/// A file of a table, and the folder that its name is counted from.
pub(crate) struct Piece<'s> {
    pub(crate) folder: &'s Path,
    pub(crate) file: &'s ShardFile,
}

/// What all pieces of a table have in common: columns, encodings, metadata.
struct Form {
    schema: SchemaRef,
    properties: WriterProperties,
}

impl Pieces<'_> {
    fn rows(&self) -> u64 {
        self.files.iter().map(|piece| piece.file.rows).sum()
    }

    /// Copies the encoded column chunks.
    fn copy(&self, out: &mut (impl Write + Send), form: &Form, path: &Path) -> Result<()> {
        let failed = |error| StoreError::parquet("write", path)(error);
        let mut writer: Option<SerializedFileWriter<_>> = None;
        let mut out = Some(out);
        for piece in &self.files {
            let (file, metadata) = piece.open()?;
            if let Some(out) = out.take() {
                let root = metadata.file_metadata().schema_descr().root_schema_ptr();
                let properties = Arc::new(form.properties.clone());
                writer =
                    Some(SerializedFileWriter::new(out, root, properties).map_err(failed)?);
            }
            let writer = writer.as_mut().expect("made with the first piece");
            for group in 0..metadata.num_row_groups() {
                let into = writer.next_row_group().map_err(failed)?;
                copy_row_group(&file, &metadata, group, into).map_err(failed)?;
            }
        }
        writer.map_or(Ok(()), |mut writer| writer.finish().map(|_| ()).map_err(failed))
    }

    /// Decodes the rows and encodes them again, in larger row groups.
    fn encode(&self, out: &mut (impl Write + Send), form: &Form, path: &Path) -> Result<()> {
        let failed = |error| StoreError::parquet("write", path)(error);
        let properties = Some(form.properties.clone());
        let mut writer =
            ArrowWriter::try_new(out, form.schema.clone(), properties).map_err(failed)?;
        for piece in &self.files {
            let (file, _) = piece.open()?;
            let read = |error| StoreError::parquet("read", &piece.path())(error);
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(read)?;
            for batch in reader.build().map_err(read)? {
                let batch = batch.map_err(|error| read(error.into()))?;
                let batch = batch.with_schema(form.schema.clone());
                writer.write(&batch.map_err(|error| read(error.into()))?).map_err(failed)?;
            }
        }
        writer.finish().map(|_| ()).map_err(failed)
    }
}

impl Piece<'_> {
    fn path(&self) -> PathBuf {
        self.file.path(self.folder)
    }

    /// Opens the file, after making sure that it is what was written.
    fn open(&self) -> Result<(File, ParquetMetaData)> {
        self.file.verify(self.folder)?;
        open(&self.path())
    }
}

fn open(path: &Path) -> Result<(File, ParquetMetaData)> {
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
    let metadata = reader.parse_and_finish(&file).map_err(StoreError::parquet("read", path))?;
    Ok((file, metadata))
}

impl Form {
    fn of(piece: &Piece<'_>) -> Result<Self> {
        let path = piece.path();
        let (file, metadata) = open(&path)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(StoreError::parquet("read", &path))?;
        // The fields alone: the file's own metadata is no part of Arrow's schema.
        let schema = Arc::new(arrow_schema::Schema::new(builder.schema().fields().clone()));
        let sorting = metadata.row_groups().first().and_then(|g| g.sorting_columns().cloned());
        let key_values = metadata.file_metadata().key_value_metadata().cloned();
        let properties =
            properties(&schema, sorting, key_values.unwrap_or_default(), ROW_GROUP);
        Ok(Self { schema, properties })
    }
}

fn copy_row_group<W: Write + Send>(
    file: &File,
    metadata: &ParquetMetaData,
    group: usize,
    mut into: SerializedRowGroupWriter<'_, W>,
) -> std::result::Result<(), ParquetError> {
    let row_group = metadata.row_group(group);
    let index = metadata.page_index_for_row_group(group);
    for (position, column) in row_group.columns().iter().enumerate() {
        let chunk = ColumnCloseResult {
            bytes_written: column.compressed_size() as u64,
            rows_written: row_group.num_rows() as u64,
            metadata: column.clone(),
            bloom_filter: None,
            column_index: index.column_index(position).cloned(),
            offset_index: index.offset_index(position).cloned(),
        };
        into.append_column(file, chunk)?;
    }
    into.close().map(|_| ())
}

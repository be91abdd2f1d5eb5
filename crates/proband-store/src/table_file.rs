//! A table as a Parquet file: encodings, metadata, writing.

use crate::error::{Result, StoreError};
use crate::files::{self, Written};
use crate::layout::{arrow_schema, pieces, record_batch, row_order};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;
use proband_engine::tables::{Batch, Column, Schema};
use std::io::Write;
use std::path::Path;

/// Rows of a row group at most: what a reader takes at once.
const ROW_GROUP: usize = 1_000_000;

/// Rows that are turned into Arrow arrays at once, so that a large batch is not held twice.
const PIECE: usize = 65_536;

/// A column of numbers starts with a dictionary, which is small for planned times, baselines and
/// rounded values, and goes over to `BYTE_STREAM_SPLIT` beyond this many bytes: 2048 distinct numbers.
const NUMBER_DICTIONARY: usize = 16_384;

/// What every file of a run says about its origin. It is part of the file's bytes: nothing in it may
/// depend on the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The id of the trial.
    pub trial: String,
    /// The id of the run.
    pub run: String,
    /// The version of proband.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// The name of every input file and the hash of its content.
    pub hashes: Vec<(String, String)>,
}

/// Writes the rows of a batch, sorted by the key of its table, as a file of a shard.
pub(crate) fn write_batch(
    path: &Path,
    batch: &Batch,
    provenance: &Provenance,
) -> Result<Written> {
    let fill = |file: &mut _| {
        let written = encode(file, &[batch], provenance);
        written.map(|_| ()).map_err(StoreError::parquet("write", path))
    };
    files::write_scratch(path, fill)
}

/// Writes a table as a whole file, outside a run.
pub fn write_table(path: &Path, batch: &Batch, provenance: &Provenance) -> Result<()> {
    let fill = |file: &mut _| {
        let written = encode(file, &[batch], provenance);
        written.map(|_| ()).map_err(StoreError::parquet("write", path))
    };
    files::create_folder(path.parent().unwrap_or(Path::new("")))?;
    files::write_whole(path, fill).map(|_| ())
}

/// Writes a text as a whole file, outside a run.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    files::create_folder(path.parent().unwrap_or(Path::new("")))?;
    files::write_bytes(path, text.as_bytes()).map(|_| ())
}

/// The size that batches of one table have as one file, for estimates.
pub fn encoded_size(batches: &[&Batch], provenance: &Provenance) -> Result<u64> {
    let Some(first) = batches.first() else { return Ok(0) };
    let size = encode(std::io::sink(), batches, provenance);
    size.map_err(StoreError::parquet("encode", Path::new(first.table().name())))
}

/// Writes the rows of batches of one table, each sorted by the table's key; says how many bytes that
/// took.
fn encode(
    file: impl Write + Send,
    batches: &[&Batch],
    provenance: &Provenance,
) -> std::result::Result<u64, ParquetError> {
    let table = batches[0].schema();
    let schema = arrow_schema(table);
    let key_values = key_values(table, provenance);
    let properties = properties(&schema, sorting(table), key_values, ROW_GROUP);
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
    for batch in batches {
        let order = row_order(batch);
        for piece in pieces(order.len(), PIECE) {
            writer.write(&record_batch(batch, &schema, &order[piece])?)?;
        }
    }
    writer.finish()?;
    Ok(writer.bytes_written() as u64)
}

/// How a table is encoded, sorted and labelled. The same table always has the same properties.
pub(crate) fn properties(
    schema: &arrow_schema::Schema,
    sorting: Option<Vec<SortingColumn>>,
    key_values: Vec<KeyValue>,
    row_group: usize,
) -> WriterProperties {
    let builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("proband".into())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(row_group))
        .set_sorting_columns(sorting)
        .set_key_value_metadata(Some(key_values));
    schema.fields().iter().fold(builder, |builder, field| encoding(builder, field)).build()
}

/// The encoding of a column, as measured: 7.2 bytes a row for unrounded numbers, 2.2 for rounded
/// ones, a fraction of a byte for sorted identifiers. `BYTE_STREAM_SPLIT` only on floats, because
/// older readers refuse it elsewhere.
fn encoding(builder: WriterPropertiesBuilder, field: &Field) -> WriterPropertiesBuilder {
    let path = ColumnPath::from(vec![field.name().clone()]);
    match field.data_type() {
        DataType::Float64 => builder
            .set_column_encoding(path.clone(), Encoding::BYTE_STREAM_SPLIT)
            .set_column_dictionary_page_size_limit(path, NUMBER_DICTIONARY),
        DataType::Int32 => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        DataType::Utf8 => builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY),
        // Levels: dictionary pages.
        _ => builder,
    }
}

fn sorting(schema: &Schema) -> Option<Vec<SortingColumn>> {
    let columns: Vec<SortingColumn> = schema
        .key()
        .map(|column| SortingColumn {
            column_idx: column.0 as i32,
            descending: false,
            nulls_first: false,
        })
        .collect();
    (!columns.is_empty()).then_some(columns)
}

/// The file's own metadata. Units and labels are here once more, as JSON, for readers that do not
/// show the metadata of a column.
fn key_values(schema: &Schema, provenance: &Provenance) -> Vec<KeyValue> {
    let entry = |key: &str, value: String| KeyValue::new(format!("proband.{key}"), value);
    let mut entries = vec![
        entry("table", schema.table.name().into()),
        entry("trial", provenance.trial.clone()),
        entry("run", provenance.run.clone()),
        entry("version", provenance.version.clone()),
        entry("seed", provenance.seed.to_string()),
        entry("units", by_column(schema, |column| column.unit.clone())),
        entry("labels", by_column(schema, |column| Some(column.label.clone()))),
    ];
    for (file, hash) in &provenance.hashes {
        entries.push(entry(&format!("hash.{file}"), hash.clone()));
    }
    entries
}

fn by_column(schema: &Schema, of: impl Fn(&Column) -> Option<String>) -> String {
    let pairs = schema.columns.iter().filter_map(|c| Some((c.name.clone(), of(c)?.into())));
    serde_json::Value::Object(pairs.collect()).to_string()
}

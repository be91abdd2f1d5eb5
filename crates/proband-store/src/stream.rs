//! Tables for other languages in the same process.

use crate::error::Result;
use crate::stored::reader;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatchIterator, RecordBatchReader};
use arrow_schema::Schema;
use std::path::PathBuf;
use std::sync::Arc;

/// Arrow's C stream interface (<https://arrow.apache.org/docs/format/CStreamInterface.html>).
pub type ArrowStream = FFI_ArrowArrayStream;

/// The Parquet files of a table, of which there is one, as a stream. They are read as whoever takes it goes on.
pub fn arrow_stream(files: &[PathBuf]) -> Result<ArrowStream> {
    let readers = files.iter().map(|path| reader(path)).collect::<Result<Vec<_>>>()?;
    let schema =
        readers.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatchReader::schema);
    let rows = RecordBatchIterator::new(readers.into_iter().flatten(), schema);
    Ok(FFI_ArrowArrayStream::new(Box::new(rows)))
}

//! A table as an Arrow file (the IPC format, also called Feather 2).

use crate::error::{Result, StoreError};
use crate::files;
use crate::layout::{arrow_schema, record_batch};
use crate::stored::StoredTable;
use arrow_ipc::writer::FileWriter;
use arrow_schema::ArrowError;
use parquet::errors::ParquetError;
use std::path::Path;

/// Writes a table as a whole Arrow file, with unit and label of each column in its metadata.
pub fn write_arrow(path: &Path, table: &StoredTable) -> Result<()> {
    let failed =
        |error: ArrowError| StoreError::parquet("write", path)(ParquetError::from(error));
    let schema = arrow_schema(table.schema());
    files::create_folder(path.parent().unwrap_or(Path::new("")))?;
    let written = files::write_whole(path, |file| {
        let mut writer = FileWriter::try_new(file, &schema).map_err(failed)?;
        table.read(|piece| {
            let rows: Vec<usize> = (0..piece.rows()).collect();
            let rows = record_batch(piece, &schema, &rows).map_err(failed)?;
            writer.write(&rows).map_err(failed)
        })?;
        writer.finish().map_err(failed)
    });
    written.map(|_| ())
}

//! Tables to Parquet files and the run manifest; users' tables to columns.
//!
//! The one room that names Arrow. A run writes into its [`RunFolder`]: while it goes on, every shard
//! of it becomes a folder of its own under `.partial`, complete from the moment its manifest exists;
//! at the end the shards of each table are put together to one file, `run.json` is written, and
//! `.partial` goes. A run that was killed goes on with the shards it has.

mod arrow_file;
mod assemble;
mod columns;
mod dataset;
mod error;
mod files;
mod folder;
mod layout;
mod manifest;
mod plan;
mod progress;
mod reading;
mod shard;
mod sink;
mod stored;
#[cfg(feature = "stream")]
mod stream;
mod table_file;

pub use arrow_file::write_arrow;
pub use assemble::row_groups;
pub use columns::SpilledColumns;
pub use error::StoreError;
pub use files::{content_hash, remove_if_there, write_stream};
pub use folder::{RunFolder, Standing, run_id};
pub use manifest::{ExclusionCount, InputFile, Override, RunManifest, TableFile, Timings};
pub use plan::{Part, RunPlan};
pub use reading::{
    ColumnHead, ReadError, ReadFault, Rows, Tally, UserColumn, UserTable, UserValues,
    column_heads, read_table, scan, tally,
};
pub use sink::{Flaw, ParquetSink};
pub use stored::{StoredTable, row_count};
#[cfg(feature = "stream")]
pub use stream::{ArrowStream, arrow_stream};
pub use table_file::{Provenance, encoded_size, write_table, write_text};

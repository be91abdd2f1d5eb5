//! The tables a run leaves, as plain Rust values: which columns each has, rows on their way out, and
//! the [`Sink`] that takes them.
//!
//! The page `crates/proband/book/tables.md` says what every column means; a test compares it with
//! the layouts here. Nothing in this module knows a file format.

mod batch;
mod layout;
mod routing;
mod schema;
mod sink;
mod study;

pub use batch::{Batch, Code, Texts, Values};
pub use layout::{
    Variable, adae, addv, adeff, adex, adlb, adpc, adsl, adtte, dated, decisions, exclusions,
    findings, ices, of_crossover, operating, truth, truth_events, twins,
};
pub use routing::records_table;
pub use schema::{Column, ColumnId, Kind, Schema, TableId};
pub use sink::{Kept, KeptShard, Sink, SinkError};
pub use study::{study_day, subject_id, visit_number};

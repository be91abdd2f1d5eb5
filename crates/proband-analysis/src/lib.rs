//! Declared endpoints and analyses to findings.
//!
//! Columns of participants come in shard by shard. What can be added up is added up
//! ([`Accumulator`]), in the order of the shards and never of their arrival; what needs order reads
//! the columns back through a [`ColumnSource`]. Nothing here knows simulation or files.

mod finding;
mod source;

pub use finding::{COLUMNS, Category, Finding, StatisticName};
pub use source::{ColumnSource, InMemory};

//! How often each combination of texts stands in a table, without holding the table.

use super::{ReadError, scan};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

/// Texts of a row, in the order asked for, and in how many rows they stand.
pub type Tally = BTreeMap<Vec<Option<String>>, u64>;

/// Counts the rows of a Parquet table of ours by the texts in some of its columns.
pub fn tally(path: &Path, columns: &[&str]) -> Result<Tally, ReadError> {
    let mut counts = Tally::new();
    scan(path, columns, |rows| {
        for row in 0..rows.count() {
            let text = |column| rows.text(column, row).map(ToOwned::to_owned);
            *counts.entry((0..columns.len()).map(text).collect()).or_default() += 1;
        }
        ControlFlow::Continue(())
    })?;
    Ok(counts)
}

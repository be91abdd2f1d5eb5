//! Where columns of participants are read back from.

use std::io;

/// Columns of participants, written shard by shard and read back in the order of the shards.
///
/// What needs the order of values (medians, ranks, survival curves) reads them again after the last
/// shard. Columns are named by their position in [`crate::Layout::columns`].
pub trait ColumnSource {
    /// Calls `visit` once a shard with the values of each of `columns`, equally long slices in the
    /// order asked for. Shards come in their order, rows in the order of the shard.
    ///
    /// Fails where the columns cannot be read back.
    fn read(&self, columns: &[usize], visit: &mut dyn FnMut(&[&[f64]])) -> io::Result<()>;
}

/// Columns kept in memory, for small trials.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    shards: Vec<Vec<Vec<f64>>>,
}

impl InMemory {
    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next shard: every column of the layout, equally long.
    pub fn push(&mut self, columns: Vec<Vec<f64>>) {
        self.shards.push(columns);
    }
}

impl ColumnSource for InMemory {
    fn read(&self, columns: &[usize], visit: &mut dyn FnMut(&[&[f64]])) -> io::Result<()> {
        for shard in &self.shards {
            let chunk: Vec<&[f64]> = columns.iter().map(|&c| shard[c].as_slice()).collect();
            visit(&chunk);
        }
        Ok(())
    }
}

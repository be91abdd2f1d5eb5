//! A sink that breaks.

use proband_engine::tables::{Batch, Kept, Sink, SinkError};

/// Keeps shards but those that it refuses, by their index.
#[derive(Debug)]
pub struct Refusing<F> {
    /// What it has kept.
    pub kept: Kept,
    refuses: F,
}

impl<F: Fn(u32) -> bool + Sync> Refusing<F> {
    /// Nothing kept yet.
    pub fn new(refuses: F) -> Self {
        Self { kept: Kept::default(), refuses }
    }
}

impl<F: Fn(u32) -> bool + Sync> Sink for Refusing<F> {
    fn shard(&self, index: u32, tables: &[Batch], columns: &[&[f64]]) -> Result<(), SinkError> {
        if (self.refuses)(index) {
            return Err(SinkError::new(std::io::Error::other("the disk is full")));
        }
        self.kept.shard(index, tables, columns)
    }

    fn has_shard(&self, index: u32) -> bool {
        self.kept.has_shard(index)
    }
}

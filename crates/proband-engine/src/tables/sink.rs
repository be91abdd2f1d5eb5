//! Where the rows of a run go.

use super::Batch;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

/// Takes the rows of a run, shard by shard.
///
/// A shard is a fixed range of the work, the same whatever the number of threads. Its rows, of all
/// tables, are handed over at once: either the whole shard arrives or nothing of it does. Shards
/// arrive in any order and from any thread; their number says where their rows belong: participants
/// increase with it (by replicate, then by identifier), so that the shards put together are sorted.
/// Within a shard rows may stand in any order, which the sink sorts by the key of their table.
///
/// A shard of some thousand participants is best: many small ones are slower to put together.
pub trait Sink: Sync {
    /// Takes the rows of a shard, and what the analyses keep of its participants: a column each, as
    /// the layout of the analyses says. A shard that is handed over again replaces itself.
    ///
    /// Fails if they could not be kept; then the shard counts as not handed over.
    fn shard(&self, index: u32, tables: &[Batch], columns: &[&[f64]]) -> Result<(), SinkError>;

    /// Whether the shard was handed over, in this process or before an interruption.
    fn has_shard(&self, index: u32) -> bool;
}

/// Why rows could not be kept.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SinkError(Box<dyn Error + Send + Sync>);

impl SinkError {
    /// The error of whatever stands behind the sink.
    pub fn new(cause: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(cause))
    }

    /// What went wrong behind the sink.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

/// A sink that keeps everything in memory, for small runs and tests.
#[derive(Debug, Default)]
pub struct Kept {
    shards: Mutex<BTreeMap<u32, KeptShard>>,
}

/// What a shard left.
#[derive(Clone, Debug)]
pub struct KeptShard {
    /// Its rows.
    pub tables: Vec<Batch>,
    /// The columns of its participants.
    pub columns: Vec<Vec<f64>>,
}

impl Kept {
    /// What every shard left, in the order of the shards.
    #[must_use]
    pub fn into_shards(self) -> BTreeMap<u32, KeptShard> {
        self.shards.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Kept {
    fn shard(&self, index: u32, tables: &[Batch], columns: &[&[f64]]) -> Result<(), SinkError> {
        let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        let columns = columns.iter().map(|column| column.to_vec()).collect();
        shards.insert(index, KeptShard { tables: tables.to_vec(), columns });
        Ok(())
    }

    fn has_shard(&self, index: u32) -> bool {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&index)
    }
}

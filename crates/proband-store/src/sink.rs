//! The sink that a run writes into.

use crate::assemble;
use crate::columns::SpilledColumns;
use crate::error::{Result, StoreError};
use crate::files;
use crate::folder::RunFolder;
use crate::manifest::{RunManifest, TableFile};
use crate::shard::{self, Shard};
use crate::table_file::Provenance;
use proband_engine::tables::{Batch, Sink, SinkError, TableId};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Writes the shards of a run into its folder, and puts them together.
#[derive(Debug)]
pub struct ParquetSink {
    folder: RunFolder,
    shards: PathBuf,
    provenance: Provenance,
    done: Mutex<BTreeSet<u32>>,
    /// Held as long as this lives, and freed by the system if the process dies.
    _lock: File,
}

impl ParquetSink {
    /// Starts a run in its folder, or goes on with the shards that are there.
    ///
    /// Fails if the folder holds anything but this run, or if another process works in it.
    pub fn open(folder: RunFolder, provenance: Provenance) -> Result<Self> {
        folder.begin()?;
        let lock = lock(&folder)?;
        let shards = folder.partial().join("shards");
        files::create_folder(&shards)?;
        let done = Mutex::new(complete_shards(&shards)?);
        Ok(Self { folder, shards, provenance, done, _lock: lock })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// How many shards are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.complete().len()
    }

    /// Takes the rows of a shard and, with them, columns of its participants (equally long; none if
    /// there are none) for [`ParquetSink::columns`]. Both arrive or neither.
    pub fn commit(&self, index: u32, tables: &[Batch], columns: &[&[f64]]) -> Result<()> {
        self.complete().remove(&index);
        let folder = shard::folder(&self.shards, index);
        Shard::write(&folder, tables, columns, &self.provenance)?;
        self.complete().insert(index);
        Ok(())
    }

    /// The columns that were handed over with a range of shards, in order.
    #[must_use]
    pub fn columns(&self, shards: Range<u32>) -> SpilledColumns {
        SpilledColumns::of(&self.shards, shards)
    }

    /// Where a shard that is done has the rows of a table, as a Parquet file.
    #[must_use]
    pub fn table_of(&self, shard: u32, table: TableId) -> PathBuf {
        shard::table_path(&shard::folder(&self.shards, shard), table.name())
    }

    /// Puts the shards below a number together: one file a table that is kept, in the order of the shards.
    ///
    /// Fails if a shard is missing or its files were changed.
    pub fn assemble(
        &self,
        shards: u32,
        is_kept: impl Fn(TableId) -> bool,
    ) -> Result<Vec<TableFile>> {
        self.all_done(shards)?;
        let assembled = TableId::ALL.into_iter().filter(|table| is_kept(*table)).map(|table| {
            assemble::table(&self.shards, shards, table, &self.folder.table(table.name()))
        });
        Ok(assembled.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Writes `run.json` and removes what the run worked in.
    pub fn finish(self, manifest: &RunManifest) -> Result<()> {
        self.folder.finish(manifest)
    }

    fn all_done(&self, expected: u32) -> Result<()> {
        let done = self.complete();
        let mut missing = (0..expected).filter(|index| !done.contains(index));
        let Some(first) = missing.next() else { return Ok(()) };
        let missing = missing.count() + 1;
        let path = self.folder.path().into();
        Err(StoreError::Incomplete { path, missing, expected, first })
    }

    fn complete(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        // Nothing panics while it is held; a set of numbers is whole in any case.
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for ParquetSink {
    fn shard(
        &self,
        index: u32,
        tables: &[Batch],
        columns: &[&[f64]],
    ) -> std::result::Result<(), SinkError> {
        Ok(self.commit(index, tables, columns)?)
    }

    fn has_shard(&self, index: u32) -> bool {
        self.complete().contains(&index)
    }
}

fn lock(folder: &RunFolder) -> Result<File> {
    let path = folder.partial().join("lock");
    let file = File::create(&path).map_err(StoreError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: folder.path().into() }),
        // Some network file systems have no locks; there the user keeps runs apart.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            Ok(file)
        }
        Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path)(error)),
    }
}

/// The shards whose files are what was written. Whoever goes on with a run reads it all once, and so
/// finds what a loss of power left half-written.
fn complete_shards(shards: &Path) -> Result<BTreeSet<u32>> {
    let read = |error| StoreError::io("read", shards)(error);
    let mut complete = BTreeSet::new();
    for entry in fs::read_dir(shards).map_err(read)? {
        let entry = entry.map_err(read)?;
        let Some(index) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if Shard::read(&entry.path())?.is_some_and(|shard| shard.is_whole(&entry.path())) {
            complete.insert(index);
        }
    }
    Ok(complete)
}

//! The sink that a run writes into.

use crate::assemble::{self, Piece};
use crate::columns::SpilledColumns;
use crate::dataset::{self, Dataset};
use crate::error::{Result, StoreError};
use crate::files;
use crate::folder::RunFolder;
use crate::manifest::{RunManifest, TableFile};
use crate::shard::{self, Shard, Standing};
use crate::table_file::Provenance;
use proband_engine::tables::{Batch, Sink, SinkError, TableId};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;

/// Writes shards of a run into its folder, and puts them together.
#[derive(Debug)]
pub struct ParquetSink {
    folder: RunFolder,
    shards: PathBuf,
    provenance: Provenance,
    /// In the names of this process's files.
    attempt: String,
    /// Of whoever leads the run: held as long as this lives, and freed by the system if the process dies.
    _lock: Option<File>,
}

/// What is wrong with a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is not there.
    Missing,
    /// This file of it was changed after it was written. It counts as missing from now on.
    Damaged(PathBuf),
}

impl ParquetSink {
    /// Leads a run in its folder: starts it, or goes on with the shards that are there.
    ///
    /// Fails if the folder holds anything but this run, or if another process leads it.
    pub fn open(folder: RunFolder, provenance: Provenance) -> Result<Self> {
        folder.begin()?;
        let lock = lock(&folder)?;
        files::create_folder(&folder.shards())?;
        Ok(Self { _lock: Some(lock), ..Self::join(folder, provenance) })
    }

    /// Works on a run that another process leads, beside others.
    #[must_use]
    pub fn join(folder: RunFolder, provenance: Provenance) -> Self {
        let shards = folder.shards();
        // Random: processes on several machines may have the same number.
        let attempt = format!("{:016x}", RandomState::new().build_hasher().finish());
        Self { folder, shards, provenance, attempt, _lock: None }
    }

    /// What tells the files of this process apart from those of all others.
    #[must_use]
    pub fn attempt(&self) -> &str {
        &self.attempt
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Takes the rows of a shard and, with them, columns of its participants (equally long; none if
    /// there are none) for [`ParquetSink::columns`]. Both arrive or neither; a shard that is there stays.
    pub fn commit(&self, index: u32, tables: &[Batch], columns: &[&[f64]]) -> Result<()> {
        let folder = shard::folder(&self.shards, index);
        Shard::commit(&folder, &self.attempt, tables, columns, &self.provenance)
    }

    /// Reads all files of a shard, and says what is wrong with it. One that is damaged is taken back.
    pub fn verify(&self, index: u32) -> Result<Option<Flaw>> {
        let folder = shard::folder(&self.shards, index);
        Ok(match Shard::verify(&folder)? {
            Standing::Whole(_) => None,
            Standing::Missing => Some(Flaw::Missing),
            Standing::Damaged(path) => {
                shard::discard(&folder)?;
                Some(Flaw::Damaged(path))
            }
        })
    }

    /// The columns that were handed over with some shards, in the order given.
    pub fn columns(&self, shards: impl IntoIterator<Item = u32>) -> Result<SpilledColumns> {
        SpilledColumns::of(&self.shards, shards.into_iter())
    }

    /// Where a shard has the rows of a table, as a Parquet file; none if it has none.
    pub fn table_of(&self, shard: u32, table: TableId) -> Result<Option<PathBuf>> {
        let folder = shard::folder(&self.shards, shard);
        let shard = Shard::read(&folder)?;
        Ok(shard.and_then(|shard| Some(shard.table(table)?.path(&folder))))
    }

    /// Puts the shards below a number together: one file a table that is kept, in the order of the shards.
    ///
    /// Fails if a shard is missing or its files were changed.
    pub fn assemble(
        &self,
        shards: u32,
        is_kept: impl Fn(TableId) -> bool,
    ) -> Result<Vec<TableFile>> {
        self.folder.write_dataset(None)?;
        self.put_together(&self.all(shards)?, is_kept)
    }

    /// As [`ParquetSink::assemble`], of the tables of results alone: the files of the others stay as they
    /// are, and are listed in `dataset.json`. No shard can be read by this any more.
    pub fn assemble_results(
        &self,
        shards: u32,
        is_kept: impl Fn(TableId) -> bool,
    ) -> Result<Vec<TableFile>> {
        let shards = self.all(shards)?;
        let is_result = |table| dataset::is_result(table) && is_kept(table);
        let tables = self.put_together(&shards, is_result)?;
        let dataset = Dataset::of(self.folder.run(), &shards);
        self.folder.write_dataset(dataset.as_ref())?;
        if dataset.is_some() {
            self.folder.move_shards()?;
        }
        Ok(tables)
    }

    fn put_together(
        &self,
        shards: &[(PathBuf, Shard)],
        is_kept: impl Fn(TableId) -> bool,
    ) -> Result<Vec<TableFile>> {
        let one = |table: TableId| {
            let pieces = shards.iter().filter_map(|(folder, shard)| {
                Some(Piece { folder, file: shard.table(table)? })
            });
            let pieces = pieces.collect();
            assemble::table(pieces, table, &self.folder.table(table.name()))
        };
        let assembled = TableId::ALL.into_iter().filter(|table| is_kept(*table)).map(one);
        Ok(assembled.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Writes `run.json` and removes what the run worked in.
    pub fn finish(self, manifest: &RunManifest) -> Result<()> {
        self.folder.finish(manifest)
    }

    /// The shards below a number, each with its folder.
    fn all(&self, expected: u32) -> Result<Vec<(PathBuf, Shard)>> {
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for index in 0..expected {
            let folder = shard::folder(&self.shards, index);
            match Shard::read(&folder)? {
                Some(shard) => there.push((folder, shard)),
                None => missing.push(index),
            }
        }
        let Some(&first) = missing.first() else { return Ok(there) };
        let path = self.folder.path().into();
        Err(StoreError::Incomplete { path, missing: missing.len(), expected, first })
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
        shard::is_done(&shard::folder(&self.shards, index))
    }
}

fn lock(folder: &RunFolder) -> Result<File> {
    let path = folder.partial().join("lock");
    let file = File::create(&path).map_err(StoreError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: folder.path().into() }),
        // Some network file systems have no locks; there the user keeps merges apart.
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(file),
        Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path)(error)),
    }
}

/// Whether a file system has no locks, or none for us: NFS without its lock service says `ENOLCK`.
fn has_no_locks(error: &std::io::Error) -> bool {
    const ENOLCK: i32 = if cfg!(target_os = "linux") { 37 } else { 77 };
    error.kind() == std::io::ErrorKind::Unsupported || error.raw_os_error() == Some(ENOLCK)
}

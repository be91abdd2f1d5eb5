//! A shard on disk: a folder whose manifest, written last and only once, makes it count.
//!
//! Several processes may write a shard at once: a retry, a job that was submitted twice, one on a machine
//! that was declared dead. Each writes files under names of its own; whoever makes the manifest first has
//! made the shard, and the others take their files away. All would have been the same.

use crate::columns;
use crate::error::{Result, StoreError};
use crate::files::{self, Written};
use crate::table_file::{Provenance, write_batch};
use proband_engine::tables::{Batch, TableId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const MANIFEST: &str = "manifest.json";

/// What a shard consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shard {
    pub(crate) files: Vec<ShardFile>,
}

/// A file of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardFile {
    /// The table's name, or `columns`.
    pub(crate) name: String,
    /// The name of the file.
    pub(crate) file: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

/// What is there of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Missing,
    /// This file is not what was written.
    Damaged(PathBuf),
    Whole(Shard),
}

/// The folder of a shard.
pub(crate) fn folder(shards: &Path, index: u32) -> PathBuf {
    shards.join(format!("{index:06}"))
}

/// Whether a shard is done.
pub(crate) fn is_done(folder: &Path) -> bool {
    folder.join(MANIFEST).exists()
}

/// When a shard was done; none if it is not.
pub(crate) fn done_at(folder: &Path) -> Option<SystemTime> {
    std::fs::metadata(folder.join(MANIFEST)).and_then(|manifest| manifest.modified()).ok()
}

impl Shard {
    /// Writes a shard: its files, and then the manifest, if nobody was faster. `attempt` is in the names
    /// of this process's files.
    pub(crate) fn commit(
        folder: &Path,
        attempt: &str,
        tables: &[Batch],
        columns: &[&[f64]],
        provenance: &Provenance,
    ) -> Result<()> {
        files::create_below(folder)?;
        let mut shard = Self { files: Vec::new() };
        let won = shard
            .write(folder, attempt, tables, columns, provenance)
            .and_then(|()| shard.claim(folder, attempt));
        if !matches!(won, Ok(true)) {
            shard.remove_files(folder);
        }
        won.map(|_| ())
    }

    fn write(
        &mut self,
        folder: &Path,
        attempt: &str,
        tables: &[Batch],
        columns: &[&[f64]],
        provenance: &Provenance,
    ) -> Result<()> {
        for batch in tables {
            let name = batch.table().name();
            let file = format!("{name}.{attempt}.parquet");
            let written = write_batch(&folder.join(&file), batch, provenance)?;
            self.files.push(ShardFile::new(name, file, batch.rows(), written));
        }
        if let Some(first) = columns.first() {
            let file = format!("{}.{attempt}.f64", columns::NAME);
            let written = columns::write(&folder.join(&file), columns)?;
            self.files.push(ShardFile::new(columns::NAME, file, first.len(), written));
        }
        Ok(())
    }

    /// Makes the manifest; says whether it is ours.
    fn claim(&self, folder: &Path, attempt: &str) -> Result<bool> {
        let path = folder.join(MANIFEST);
        match serde_json::to_vec(self) {
            Ok(json) => files::write_once(&path, attempt, &json),
            Err(source) => Err(StoreError::Manifest { path, source }),
        }
    }

    /// Takes the files away; one that stays is told apart from those that count, and goes with the folder.
    fn remove_files(&self, folder: &Path) {
        for file in &self.files {
            let _ = std::fs::remove_file(file.path(folder));
        }
    }

    /// The shard in a folder, if it has a manifest. One that cannot be read is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let content = files::read_if_there(&folder.join(MANIFEST))?;
        Ok(content.and_then(|content| serde_json::from_slice(&content).ok()))
    }

    /// Reads all files of the shard in a folder.
    pub(crate) fn verify(folder: &Path) -> Result<Standing> {
        let Some(shard) = Self::read(folder)? else {
            let manifest = folder.join(MANIFEST);
            let is_there = manifest.exists();
            return Ok(if is_there { Standing::Damaged(manifest) } else { Standing::Missing });
        };
        let damaged = shard.files.iter().find(|file| !file.is_whole(folder));
        let damaged = damaged.map(|file| file.path(folder));
        Ok(damaged.map_or_else(|| Standing::Whole(shard), Standing::Damaged))
    }

    /// The file of a table.
    pub(crate) fn table(&self, table: TableId) -> Option<&ShardFile> {
        self.file(table.name())
    }

    /// The file of this name.
    pub(crate) fn file(&self, name: &str) -> Option<&ShardFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl ShardFile {
    fn new(name: &str, file: String, rows: usize, written: Written) -> Self {
        let Written { bytes, blake3 } = written;
        Self { name: name.into(), file, rows: rows as u64, bytes, blake3 }
    }

    /// Where it is, in the folder of its shard.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.file)
    }

    fn is_whole(&self, folder: &Path) -> bool {
        files::hash_file(&self.path(folder)).is_ok_and(|hash| hash == self.blake3)
    }

    /// Fails if the content is not what was written; then the shard no longer counts.
    pub(crate) fn verify(&self, folder: &Path) -> Result<()> {
        if self.is_whole(folder) {
            return Ok(());
        }
        discard(folder)?;
        Err(StoreError::Damaged { path: self.path(folder) })
    }
}

/// Takes a shard back, so that it is made again: the manifest goes first, and then the files it names.
/// What another process is writing there is left alone.
pub(crate) fn discard(folder: &Path) -> Result<()> {
    let shard = Shard::read(folder)?;
    files::remove_if_there(&folder.join(MANIFEST))?;
    if let Some(shard) = shard {
        shard.remove_files(folder);
    }
    Ok(())
}

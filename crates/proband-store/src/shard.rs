//! A shard on disk: a folder whose manifest, written last, makes it count.

use crate::columns;
use crate::error::{Result, StoreError};
use crate::files::{self, Written};
use crate::table_file::{Provenance, write_batch};
use proband_engine::tables::Batch;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

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
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

/// The folder of a shard.
pub(crate) fn folder(shards: &Path, index: u32) -> PathBuf {
    shards.join(format!("{index:06}"))
}

/// Where a shard has a table.
pub(crate) fn table_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.parquet"))
}

impl Shard {
    /// Writes a shard: its files, and then the manifest.
    pub(crate) fn write(
        folder: &Path,
        tables: &[Batch],
        columns: &[&[f64]],
        provenance: &Provenance,
    ) -> Result<()> {
        discard(folder)?;
        files::create_folder(folder)?;
        let mut files = Vec::new();
        for batch in tables {
            let name = batch.table().name();
            let written = write_batch(&table_path(folder, name), batch, provenance)?;
            files.push(ShardFile::new(name, batch.rows(), written));
        }
        if let Some(first) = columns.first() {
            let written = columns::write(&columns::path(folder), columns)?;
            files.push(ShardFile::new(columns::NAME, first.len(), written));
        }
        let manifest = folder.join(MANIFEST);
        let json = serde_json::to_vec(&Self { files })
            .map_err(|source| StoreError::Manifest { path: manifest.clone(), source })?;
        files::write_scratch(&manifest, |file| {
            file.write_all(&json).map_err(StoreError::io("write", &manifest))
        })?;
        Ok(())
    }

    /// The shard in a folder, if it has a manifest. One that cannot be read is none, so that the
    /// shard is made again.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let content = files::read_if_there(&folder.join(MANIFEST))?;
        Ok(content.and_then(|content| serde_json::from_slice(&content).ok()))
    }

    /// Whether every file is what the manifest says.
    pub(crate) fn is_whole(&self, folder: &Path) -> bool {
        self.files.iter().all(|file| file.is_whole(folder))
    }

    /// The file of this name.
    pub(crate) fn into_file(self, name: &str) -> Option<ShardFile> {
        self.files.into_iter().find(|file| file.name == name)
    }
}

impl ShardFile {
    fn new(name: &str, rows: usize, written: Written) -> Self {
        let Written { bytes, blake3 } = written;
        Self { name: name.into(), rows: rows as u64, bytes, blake3 }
    }

    /// Where it is, in the folder of its shard.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        if self.name == columns::NAME {
            columns::path(folder)
        } else {
            table_path(folder, &self.name)
        }
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

/// Removes what is left of a shard, the manifest first.
fn discard(folder: &Path) -> Result<()> {
    let manifest = folder.join(MANIFEST);
    for outcome in [fs::remove_file(&manifest), fs::remove_dir_all(folder)] {
        match outcome {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", folder)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

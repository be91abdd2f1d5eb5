//! `dataset.json`: the files that hold the rows of a run whose shards stay where they are.
//!
//! Putting the shards of a table together to one file reads and writes all of it once more, which a very
//! large run does not want: there the list of the files is the table.

use crate::assemble::{self, Piece};
use crate::error::{Result, StoreError};
use crate::files;
use crate::folder::{RunFolder, SHARDS};
use crate::manifest::RunManifest;
use crate::shard::{Shard, ShardFile};
use proband_engine::tables::TableId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The version of this file's form.
const FORM: u32 = 1;

/// The list of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dataset {
    form: u32,
    run: String,
    /// Of one table after the other, each in the order of its rows; named from the folder of the run.
    files: Vec<ShardFile>,
}

/// Whether a table holds results, which are put together in any case.
pub(crate) fn is_result(table: TableId) -> bool {
    matches!(table, TableId::Findings | TableId::Operating)
}

impl Dataset {
    /// The files of the data in shards, each with its folder; none where there are only results.
    pub(crate) fn of(run: &str, shards: &[(PathBuf, Shard)]) -> Option<Self> {
        let data = TableId::ALL.into_iter().filter(|table| !is_result(*table));
        let files = data.flat_map(|table| {
            shards.iter().filter_map(move |(folder, shard)| {
                let file = shard.table(table)?;
                let shard = folder.file_name().unwrap_or_default().to_string_lossy();
                let path = format!("{SHARDS}/{shard}/{}", file.file);
                Some(ShardFile { file: path, ..file.clone() })
            })
        });
        let files: Vec<ShardFile> = files.collect();
        (!files.is_empty()).then(|| Self { form: FORM, run: run.into(), files })
    }

    /// Removes from the folder of the shards all that is not listed: manifests, columns of participants,
    /// and what was left by processes that were killed.
    pub(crate) fn purge(&self, run: &Path) -> Result<()> {
        let listed: BTreeSet<PathBuf> = self.files.iter().map(|file| file.path(run)).collect();
        for shard in entries(&run.join(SHARDS))? {
            let files = entries(&shard)?;
            for file in files.iter().filter(|file| !listed.contains(*file)) {
                files::remove_if_there(file)?;
            }
            if files.iter().all(|file| !listed.contains(file)) {
                fs::remove_dir(&shard).map_err(StoreError::io("remove", &shard))?;
            }
        }
        Ok(())
    }
}

impl RunFolder {
    /// The files that hold the rows of a table of a finished run, in their order; none where it kept none.
    pub fn files_of(&self, table: &str) -> Result<Vec<PathBuf>> {
        let whole = self.table(table);
        if whole.exists() {
            return Ok(vec![whole]);
        }
        let files = self.dataset()?.map(|dataset| dataset.files).unwrap_or_default();
        let of_table = files.iter().filter(|file| file.name == table);
        Ok(of_table.map(|file| file.path(self.path())).collect())
    }

    /// The same files, each with the hash of what was written.
    pub(crate) fn hashed_files_of(
        &self,
        table: &str,
        manifest: &RunManifest,
    ) -> Result<Vec<(PathBuf, String)>> {
        if let Some(whole) = manifest.tables.iter().find(|known| known.table == table) {
            return Ok(vec![(self.table(table), whole.blake3.clone())]);
        }
        let files = self.dataset()?.map(|dataset| dataset.files).unwrap_or_default();
        let of_table = files.iter().filter(|file| file.name == table);
        Ok(of_table.map(|file| (file.path(self.path()), file.blake3.clone())).collect())
    }

    /// Puts the shards of a finished run together, which then is what it would be had they been so from
    /// the beginning.
    pub fn compact(&self, mut manifest: RunManifest) -> Result<RunManifest> {
        let Some(dataset) = self.dataset()? else { return Ok(manifest) };
        for table in TableId::ALL {
            let of_table = dataset.files.iter().filter(|file| file.name == table.name());
            let pieces = of_table.map(|file| Piece { folder: self.path(), file }).collect();
            if let Some(file) = assemble::table(pieces, table, &self.table(table.name()))? {
                manifest.tables.retain(|known| known.table != file.table);
                manifest.tables.push(file);
            }
        }
        let place =
            |name: &str| TableId::ALL.into_iter().position(|table| table.name() == name);
        manifest.tables.sort_by_key(|file| place(&file.table));
        self.write_manifest(&manifest)?;
        self.write_dataset(None)?;
        self.tidy()?;
        Ok(manifest)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = |error| StoreError::io("read", folder)(error);
    let entries = fs::read_dir(folder).map_err(read)?.map(|entry| Ok(entry?.path()));
    entries.collect::<std::io::Result<_>>().map_err(read)
}

//! How far a run is that others work on: when shards were made, and notes of those who make them.

use crate::error::{Result, StoreError};
use crate::files;
use crate::folder::RunFolder;
use crate::shard;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File};
use std::time::SystemTime;

/// The folder of the notes of workers.
const WORKERS: &str = "workers";

impl RunFolder {
    /// Those of some shards that are done, and when they were.
    pub fn done_at(&self, shards: impl Iterator<Item = u32>) -> Vec<(u32, SystemTime)> {
        let folder = self.shards();
        let at = |shard| Some((shard, shard::done_at(&shard::folder(&folder, shard))?));
        shards.filter_map(at).collect()
    }

    /// Keeps the note of a worker, in place of an earlier one.
    pub fn write_worker(&self, worker: &str, note: &impl Serialize) -> Result<()> {
        // Only below a folder that is there: a run that was merged in the meantime has none.
        files::create_below(&self.partial().join(WORKERS))?;
        self.write_note(&format!("{WORKERS}/{worker}.json"), note)
    }

    /// Says that a worker is still there.
    pub fn touch_worker(&self, worker: &str, now: SystemTime) -> Result<()> {
        let path = self.partial().join(WORKERS).join(format!("{worker}.json"));
        let file = File::options().append(true).open(&path);
        let touched = file.and_then(|file| file.set_modified(now));
        touched.map_err(StoreError::io("write", &path))
    }

    /// The notes of all workers, and when each was last there.
    pub fn workers<T: DeserializeOwned>(&self) -> Result<Vec<(T, SystemTime)>> {
        let folder = self.partial().join(WORKERS);
        let Ok(entries) = fs::read_dir(&folder) else { return Ok(Vec::new()) };
        let mut notes = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreError::io("read", &folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // One that is being written is not there yet.
            if !name.ends_with(".json") {
                continue;
            }
            let modified = entry.metadata().and_then(|of| of.modified());
            let modified = modified.map_err(StoreError::io("read", &entry.path()))?;
            if let Some(note) = self.read_note(&format!("{WORKERS}/{name}"))? {
                notes.push((note, modified));
            }
        }
        Ok(notes)
    }
}

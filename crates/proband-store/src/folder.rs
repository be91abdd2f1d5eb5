//! The folder of a run: `outputs/<trial id>/<run id>/`.

use crate::dataset::Dataset;
use crate::error::{Result, StoreError};
use crate::files;
use crate::manifest::{RunManifest, Timings};
use crate::plan::RunPlan;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the folder that an unfinished run works in.
pub(crate) const PARTIAL: &str = ".partial";
/// Its name while it is removed.
const GONE: &str = ".partial.gone";
/// The file in it that says which run it is.
const MARK: &str = "run";
const PLAN: &str = "plan.json";
/// The folder of the shards, in that of the run or in the one it works in.
pub(crate) const SHARDS: &str = "shards";
const DATASET: &str = "dataset.json";
const MANIFEST: &str = "run.json";

/// The id of a run: the first 16 hexadecimal digits of the hash of everything it depends on, which
/// are the named inputs, in the order given.
#[must_use]
pub fn run_id(inputs: &[(&str, &[u8])]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, content) in inputs {
        // Lengths keep two inputs from running into each other.
        for part in [name.as_bytes(), content] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The folder of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
    run: String,
}

/// What is in a folder.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Nothing.
    Absent,
    /// This run, not finished.
    Partial,
    /// This run, finished.
    Finished(Box<RunManifest>),
}

impl RunFolder {
    /// The folder of a run below `outputs`: by the trial's id and the run's.
    #[must_use]
    pub fn below(outputs: &Path, trial: &str, run: &str) -> Self {
        Self::at(&outputs.join(trial).join(run), run)
    }

    /// A folder that the user chose for a run.
    #[must_use]
    pub fn at(path: &Path, run: &str) -> Self {
        Self { path: path.into(), run: run.into() }
    }

    /// The folder of a finished run that somebody names, and what its `run.json` says.
    pub fn finished(path: &Path) -> Result<(Self, RunManifest)> {
        let mut folder = Self::at(path, "");
        let manifest = folder.manifest()?;
        let manifest = manifest.ok_or_else(|| StoreError::NotFinished { path: path.into() })?;
        folder.run.clone_from(&manifest.run);
        Ok((folder, manifest))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The id of the run.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Where a finished run has a table.
    #[must_use]
    pub fn table(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.parquet"))
    }

    /// What is there. Fails if it is something else than this run, or cannot be read.
    pub fn standing(&self) -> Result<Standing> {
        if let Some(manifest) = self.manifest()? {
            self.is_this(&manifest.run)?;
            return Ok(Standing::Finished(Box::new(manifest)));
        }
        if let Some(mark) = files::read_if_there(&self.partial().join(MARK))? {
            self.is_this(String::from_utf8_lossy(&mark).trim())?;
            return Ok(Standing::Partial);
        }
        if self.is_empty()? { Ok(Standing::Absent) } else { Err(self.not_a_run()) }
    }

    /// `run.json`, if the folder has one.
    pub fn manifest(&self) -> Result<Option<RunManifest>> {
        read_json(self.path.join(MANIFEST))
    }

    /// The folder of a run that is planned and not finished, and its plan.
    pub fn planned(path: &Path) -> Result<(Self, RunPlan)> {
        let mut folder = Self::at(path, "");
        let plan =
            folder.plan()?.ok_or_else(|| StoreError::NotPlanned { path: path.into() })?;
        folder.run.clone_from(&plan.run);
        Ok((folder, plan))
    }

    /// The plan of a run that is not finished, if it has one.
    pub fn plan(&self) -> Result<Option<RunPlan>> {
        read_json(self.partial().join(PLAN))
    }

    /// Writes the plan, after the copies of the inputs: from now on others can work on the run.
    pub fn write_plan(&self, plan: &RunPlan) -> Result<()> {
        let path = self.partial().join(PLAN);
        let json = serde_json::to_vec(plan);
        let json =
            json.map_err(|source| StoreError::Manifest { path: path.clone(), source })?;
        files::write_bytes(&path, &json).map(|_| ())
    }

    /// Makes the folder, or goes on in it, so that shards can be written.
    pub(crate) fn begin(&self) -> Result<()> {
        if self.standing()? == Standing::Absent {
            files::create_folder(&self.partial())?;
            files::write_bytes(&self.partial().join(MARK), self.run.as_bytes())?;
        }
        files::create_folder(&self.partial())
    }

    /// Writes `run.json`: from now on the run is finished. What it worked in goes.
    pub(crate) fn finish(&self, manifest: &RunManifest) -> Result<()> {
        self.write_manifest(manifest)?;
        files::sync_folder(&self.path)?;
        self.tidy()
    }

    pub(crate) fn write_manifest(&self, manifest: &RunManifest) -> Result<()> {
        self.write_json(MANIFEST, manifest)
    }

    /// Removes what a finished run worked in, but for the shards that `dataset.json` lists. Nothing is left
    /// to do unless the process that finished it was killed.
    pub fn tidy(&self) -> Result<()> {
        match self.dataset()? {
            Some(dataset) => dataset.purge(&self.path)?,
            None => self.remove_folder(&self.path.join(SHARDS))?,
        }
        self.remove_folder(&self.partial())
    }

    /// Removes a folder, if it is there. It goes under another name, so that a process that is late finds
    /// no folder to write into.
    fn remove_folder(&self, folder: &Path) -> Result<()> {
        let gone = self.path.join(GONE);
        if folder.exists() {
            fs::rename(folder, &gone).map_err(StoreError::io("remove", folder))?;
        }
        match fs::remove_dir_all(&gone) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("remove", &gone)(error))
            }
            _ => Ok(()),
        }
    }

    /// `dataset.json`, if the shards of the run stay as they are.
    pub(crate) fn dataset(&self) -> Result<Option<Dataset>> {
        read_json(self.path.join(DATASET))
    }

    /// Brings the shards to where `dataset.json` says that they are. A process that is late finds none.
    pub(crate) fn move_shards(&self) -> Result<()> {
        let (from, to) = (self.shards(), self.path.join(SHARDS));
        if from == to {
            return Ok(());
        }
        fs::rename(&from, &to).map_err(StoreError::io("write", &to))
    }

    /// Writes `dataset.json`, or removes it.
    pub(crate) fn write_dataset(&self, dataset: Option<&Dataset>) -> Result<()> {
        match dataset {
            Some(dataset) => self.write_json(DATASET, dataset),
            None => files::remove_if_there(&self.path.join(DATASET)),
        }
    }

    /// Writes a note beside the plan, for whoever works on the run.
    pub fn write_note(&self, name: &str, note: &impl Serialize) -> Result<()> {
        self.write_json(&format!("{PARTIAL}/{name}"), note)
    }

    /// Reads a note, if there is one.
    pub fn read_note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        read_json(self.partial().join(name))
    }

    /// Writes `timings.json`.
    pub fn write_timings(&self, timings: &Timings) -> Result<()> {
        self.write_json("timings.json", timings)
    }

    /// Writes another file of the run, such as `summary.md` or `inputs/trial.toml`.
    pub fn write_file(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        files::create_folder(path.parent().unwrap_or(&self.path))?;
        files::write_bytes(&path, content).map(|_| ())
    }

    /// Reads a file of the run that must be there.
    pub fn read_file(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.path.join(name);
        fs::read(&path).map_err(StoreError::io("read", &path))
    }

    fn write_json(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let path = self.path.join(name);
        let json = serde_json::to_string_pretty(value)
            .map_err(|source| StoreError::Manifest { path, source })?;
        self.write_file(name, (json + "\n").as_bytes())
    }

    pub(crate) fn partial(&self) -> PathBuf {
        self.path.join(PARTIAL)
    }

    /// Where its shards are, each in a folder by its number; they move when they are to stay.
    pub(crate) fn shards(&self) -> PathBuf {
        let moved = self.path.join(SHARDS);
        if moved.exists() { moved } else { self.partial().join(SHARDS) }
    }

    fn is_this(&self, found: &str) -> Result<()> {
        if found == self.run {
            return Ok(());
        }
        let (path, wanted) = (self.path.clone(), self.run.clone());
        Err(StoreError::OtherRun { path, found: found.into(), wanted })
    }

    /// Whether nothing is there; a `.partial` that was killed before its mark is nothing.
    fn is_empty(&self) -> Result<bool> {
        let read = StoreError::io("read", &self.path);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(self.not_a_folder());
            }
            Err(error) => return Err(read(error)),
        };
        let names = entries.map(|entry| Ok(entry?.file_name()));
        let names = names.collect::<std::io::Result<Vec<_>>>().map_err(read)?;
        Ok(names.iter().all(|name| name == PARTIAL))
    }

    fn not_a_folder(&self) -> StoreError {
        let file = self.path.ancestors().find(|path| path.exists() && !path.is_dir());
        StoreError::NotAFolder { path: file.unwrap_or(&self.path).into() }
    }

    fn not_a_run(&self) -> StoreError {
        StoreError::NotARun { path: self.path.clone() }
    }
}

fn read_json<T: DeserializeOwned>(path: PathBuf) -> Result<Option<T>> {
    let Some(content) = files::read_if_there(&path)? else { return Ok(None) };
    let read = serde_json::from_slice(&content);
    Ok(Some(read.map_err(|source| StoreError::Manifest { path, source })?))
}

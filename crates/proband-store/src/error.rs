//! What can go wrong with the files of a run.

use parquet::errors::ParquetError;
use proband_engine::tables::SinkError;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file of a run could not be written or read.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system refused: disk full, no permission, not there.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `write`, `read`, `create`.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A Parquet file that could not be written or read.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Parquet {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the Parquet library said.
        source: ParquetError,
    },
    /// A manifest that cannot be read as one.
    #[error("`{}` is not a manifest of this version of proband: {source}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: serde_json::Error,
    },
    /// The folder holds files, and no run of ours.
    #[error("`{}` holds other files and is no run of proband: choose another folder", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// Something on the way to the folder is a file.
    #[error("`{}` is a file, and a folder is needed", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds no run, or one that is not finished.
    #[error("`{}` holds no finished run", path.display())]
    NotFinished {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds no run that others can work on.
    #[error("`{}` holds no run that is planned and not finished", path.display())]
    NotPlanned {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run of other inputs.
    #[error("`{}` holds run {found}, and this is run {wanted}: choose another folder", path.display())]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// The run in it.
        found: String,
        /// The run asked for.
        wanted: String,
    },
    /// Another process works in the folder.
    #[error("another proband is running in `{}`", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Shards that should be there are not.
    #[error("{missing} of {expected} shards are missing in `{}`, the first is {first}", path.display())]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// How many are missing.
        missing: usize,
        /// How many there should be.
        expected: u32,
        /// The first that is missing.
        first: u32,
    },
    /// A table of a finished run is not what was written.
    #[error("`{}` was changed after the run had finished: its hash is not that of `run.json`", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file of a shard is not what was written. The shard is no longer counted as done.
    #[error("`{}` was changed after it was written: run again to make it anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// What the functions of this crate return.
pub(crate) type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    /// The error of a system call on a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.into(), source }
    }

    /// The error of the Parquet library on a path, or what the system said to it.
    pub(crate) fn parquet(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(ParquetError) -> Self {
        move |source| {
            let path = path.into();
            let ParquetError::External(cause) = source else {
                return Self::Parquet { action, path, source };
            };
            match cause.downcast() {
                Ok(source) => Self::Io { action, path, source: *source },
                Err(other) => {
                    Self::Parquet { action, path, source: ParquetError::External(other) }
                }
            }
        }
    }
}

impl From<StoreError> for SinkError {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

//! Files that are either whole or not there.

use crate::error::{Result, StoreError};
use blake3::Hasher;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes that go to the disk, and into the hash, at once.
const BUFFER: usize = 65_536;

/// A file that was written, by its size and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
}

/// Writes a file under a temporary name, brings it to the disk and gives it its name.
///
/// If anything fails, the name does not exist (or still is the file before), and the temporary file
/// is gone as far as the system lets it.
pub(crate) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> Result<()>,
) -> Result<Written> {
    rename_filled(path, fill, |file| file.sync_all())
}

/// Writes a file that is verified by its hash before it counts: it may be lost with the power, but
/// not with the process, and does not wait for the disk (5 ms a file were measured).
pub(crate) fn write_scratch(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> Result<()>,
) -> Result<Written> {
    rename_filled(path, fill, |_| Ok(()))
}

fn rename_filled(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> Result<()>,
    settle: impl FnOnce(&File) -> io::Result<()>,
) -> Result<Written> {
    let temporary = temporary_name(path);
    let outcome = fill_file(&temporary, fill, settle).and_then(|written| {
        fs::rename(&temporary, path).map_err(StoreError::io("write", path))?;
        Ok(written)
    });
    if outcome.is_err() {
        // The first error is the one that matters, and the next attempt overwrites this file.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

/// Writes bytes as a whole file.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<Written> {
    let write =
        |file: &mut Output| file.write_all(bytes).map_err(StoreError::io("write", path));
    write_whole(path, write)
}

/// Brings the names in a folder to the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    // Windows opens no folders, and orders its names by itself.
    if cfg!(unix) {
        let folder = File::open(path).map_err(StoreError::io("write", path))?;
        folder.sync_all().map_err(StoreError::io("write", path))?;
    }
    Ok(())
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(StoreError::io("create", path))
}

/// The hash of a file's content.
pub(crate) fn hash_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(StoreError::io("read", path))?;
    let mut hasher = Hasher::new();
    io::copy(&mut file, &mut hasher).map_err(StoreError::io("read", path))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The hash of a content, as manifests write it.
#[must_use]
pub fn content_hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

/// The content of a file, or none if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        // Below a file there are no files either.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(StoreError::io("read", path)(error)),
    };
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(StoreError::io("read", path))?;
    Ok(Some(content))
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    path.with_file_name(name)
}

fn fill_file(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> Result<()>,
    settle: impl FnOnce(&File) -> io::Result<()>,
) -> Result<Written> {
    let file = File::create(path).map_err(StoreError::io("create", path))?;
    let mut output = BufWriter::with_capacity(BUFFER, Hashed { file, hasher: Hasher::new() });
    fill(&mut output)?;
    let hashed = output.into_inner().map_err(io::IntoInnerError::into_error);
    let settled = hashed.and_then(|hashed| settle(&hashed.file).map(|()| hashed.hasher));
    let hasher = settled.map_err(StoreError::io("write", path))?;
    Ok(Written { bytes: hasher.count(), blake3: hasher.finalize().to_hex().to_string() })
}

/// What a file is filled through.
pub(crate) type Output = BufWriter<Hashed>;

/// Passes bytes on to a file and hashes them.
pub(crate) struct Hashed {
    file: File,
    hasher: Hasher,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

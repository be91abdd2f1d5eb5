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
pub(crate) fn write_whole<E: From<StoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> std::result::Result<(), E>,
) -> std::result::Result<Written, E> {
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

fn rename_filled<E: From<StoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> std::result::Result<(), E>,
    settle: impl FnOnce(&File) -> io::Result<()>,
) -> std::result::Result<Written, E> {
    let temporary = with_ending(path, ".tmp");
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

/// Writes a whole file outside a run, with the folders above it, while it is made.
pub fn write_stream<E: From<StoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    create_folder(path.parent().unwrap_or(Path::new("")))?;
    write_whole(path, |file| fill(file)).map(|_| ())
}

/// Writes a file that nobody has written yet, and says whether it is ours. Of several processes one wins,
/// on a network file system too: a link is made whole, or not at all where there is one. `attempt` tells
/// the drafts of those processes apart.
pub(crate) fn write_once(path: &Path, attempt: &str, bytes: &[u8]) -> Result<bool> {
    let draft = with_ending(path, &format!(".{attempt}.tmp"));
    let fill = |file: &mut Output| file.write_all(bytes).map_err(StoreError::io("write", path));
    let won = fill_file(&draft, fill, |_| Ok(()))
        .and_then(|_| link(&draft, path).map_err(StoreError::io("write", path)));
    // What counts is the other name; a draft that stays goes with the folder.
    let _ = fs::remove_file(&draft);
    won
}

fn link(draft: &Path, path: &Path) -> io::Result<bool> {
    use io::ErrorKind::{AlreadyExists, PermissionDenied, Unsupported};
    match fs::hard_link(draft, path) {
        Ok(()) => Ok(true),
        // A network file system may have made the link and lost its answer.
        Err(_) if is_linked_twice(draft) => Ok(true),
        Err(error) if error.kind() == AlreadyExists => Ok(false),
        // A file system without links, on which no two machines work: whoever comes last wins.
        Err(error) if matches!(error.kind(), Unsupported | PermissionDenied) => {
            fs::rename(draft, path).map(|()| true)
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_linked_twice(draft: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(draft).is_ok_and(|draft| draft.nlink() == 2)
}

#[cfg(not(unix))]
fn is_linked_twice(_: &Path) -> bool {
    false
}

/// Removes a file, if there is one.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
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

/// Creates a folder below one that is there.
pub(crate) fn create_below(path: &Path) -> Result<()> {
    match fs::create_dir(path) {
        Err(error) if !path.is_dir() => Err(StoreError::io("create", path)(error)),
        _ => Ok(()),
    }
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

/// Whether there is no such file. Below a file there are none either.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The content of a file, or none if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(StoreError::io("read", path)(error)),
    };
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(StoreError::io("read", path))?;
    Ok(Some(content))
}

/// The path with more behind its name.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    path.with_file_name(name)
}

fn fill_file<E: From<StoreError>>(
    path: &Path,
    fill: impl FnOnce(&mut Output) -> std::result::Result<(), E>,
    settle: impl FnOnce(&File) -> io::Result<()>,
) -> std::result::Result<Written, E> {
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

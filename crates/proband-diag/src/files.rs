//! The one door through which readers of models and trials reach files.

use std::collections::BTreeMap;
use std::io;

/// Where texts come from: the disk, or a map in tests.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// When it does not exist, cannot be read or is not UTF-8.
    fn read(&self, path: &str) -> io::Result<String>;
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

/// Texts by path, for tests.
#[derive(Clone, Debug, Default)]
pub struct InMemory(pub BTreeMap<String, String>);

impl Files for InMemory {
    fn read(&self, path: &str) -> io::Result<String> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

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

/// Texts by path: a folder that is not on the disk.
#[derive(Clone, Debug, Default)]
pub struct InMemory(pub BTreeMap<String, String>);

impl Files for InMemory {
    fn read(&self, path: &str) -> io::Result<String> {
        let text = self.0.get(path).or_else(|| self.0.get(&plain_path(path)));
        text.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A path without `.`, and without `..` where it takes back a folder before it.
#[must_use]
pub fn plain_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// How a file is called from a folder, without looking at the disk: `../shared/a.model`. A path that has
/// no way from there (absolute, and the folder not) stays as it is.
#[must_use]
pub fn path_from(folder: &str, path: &str) -> String {
    let (folder, path) = (plain_path(folder), plain_path(path));
    if path.starts_with('/') != folder.starts_with('/') {
        return path;
    }
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..");
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_the_same_from_wherever_the_folder_is_named() {
        for (folder, path, called) in [
            ("", "a.model", "a.model"),
            ("trials", "trials/models/a.model", "models/a.model"),
            ("trials", "trials/../shared/a.model", "../shared/a.model"),
            ("trials", "shared/a.model", "../shared/a.model"),
            ("../trials", "../shared/a.model", "../shared/a.model"),
            ("/home/trials", "/home/trials/./models/../a.model", "a.model"),
            ("/home/trials", "/home/shared/a.model", "../shared/a.model"),
            ("./trials", "trials/a.model", "a.model"),
            ("trials", "/data/people.csv", "/data/people.csv"),
            ("", "../a.model", "../a.model"),
        ] {
            assert_eq!(path_from(folder, path), called, "{path} from {folder}");
        }
    }

    #[test]
    fn a_folder_in_memory_knows_ways_about() {
        let files = InMemory([("shared/a.model".to_owned(), "text".to_owned())].into());
        assert_eq!(files.read("trials/../shared/./a.model").unwrap(), "text");
        assert!(files.read("../shared/a.model").is_err());
    }
}

//! What all schedulers are told of a run.

use std::path::{Path, PathBuf};

/// The work that is left of a run, cut into tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The id of the run: hexadecimal digits, the only name of it that a scheduler sees.
    pub id: String,
    /// The folder of the run, from the root.
    pub run: PathBuf,
    /// The program.
    pub program: PathBuf,
    /// How many tasks share the run.
    pub tasks: u32,
    /// Those of them that are to be started, in increasing order.
    pub started: Vec<u32>,
    /// Cores of a task.
    pub cores: u32,
    /// Tasks at once at most.
    pub at_once: Option<u32>,
    /// Whether the merge is to put the shards of a table together to one file.
    pub compact: bool,
}

impl Job {
    /// The folder of the logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.run.join("logs")
    }

    /// What would break a script whatever it is quoted with: paths that are no text, or hold control
    /// characters.
    #[must_use]
    pub fn unquotable(&self) -> Option<&Path> {
        let breaks = |path: &&Path| path.to_str().is_none_or(|p| p.contains(char::is_control));
        [self.run.as_path(), &self.program].into_iter().find(breaks)
    }
}

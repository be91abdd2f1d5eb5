//! Where a command prints, and who may stop it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a command prints, and who may stop it.
pub struct Console<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Faults, warnings and notes.
    pub err: &'a mut dyn Write,
    /// Whether `err` is a terminal: only there are colours and progress.
    pub terminal: bool,
    /// Set to ask a run to stop.
    pub stop: &'a AtomicBool,
}

impl Console<'_> {
    /// Whether messages may have colours. <https://no-color.org>
    pub(crate) fn colours(&self) -> bool {
        self.terminal && std::env::var_os("NO_COLOR").is_none_or(|word| word.is_empty())
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// A line for whoever watches.
    pub(crate) fn note(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.err, "{line}")
    }
}

impl std::fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stopped = self.is_stopped();
        f.debug_struct("Console")
            .field("terminal", &self.terminal)
            .field("stopped", &stopped)
            .finish_non_exhaustive()
    }
}

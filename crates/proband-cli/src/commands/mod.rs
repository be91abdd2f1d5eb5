//! The commands, a room each.

pub(crate) mod analyse;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod merge;
pub(crate) mod models;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod size;
pub(crate) mod status;
pub(crate) mod submit;
pub(crate) mod summary;
pub(crate) mod work;

use std::io;

/// Why a command did not end well.
pub(crate) enum Stop {
    /// What the library says.
    Error(proband::Error),
    /// What was to be printed could not be.
    Closed(io::Error),
    /// Somebody asked to stop.
    Interrupted,
    /// Not now; why was told.
    Again,
}

/// What a command returns.
pub(crate) type Done = Result<(), Stop>;

impl From<proband::Error> for Stop {
    fn from(error: proband::Error) -> Self {
        Self::Error(error)
    }
}

impl From<proband::Faulty> for Stop {
    fn from(faulty: proband::Faulty) -> Self {
        Self::Error(faulty.into())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Closed(error)
    }
}

//! A trial file, its models and its tables: read and checked.

use crate::{Error, Faulty, Result};
use proband_diag::{Faults, Files, Sources};
use proband_trial::{Assignment, Override, Trial, open_trial};

/// A trial in which nothing is wrong any more, and the texts it was read from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The trial.
    pub trial: Trial,
    /// What was laid over its file, in order.
    pub overrides: Vec<Override>,
    /// The texts.
    pub sources: Sources,
    /// What is probably not what was meant.
    pub warnings: Faults,
}

impl Opened {
    /// Participants of the whole run: a twin that takes part in every arm counts once in each.
    #[must_use]
    pub fn participants(&self) -> u64 {
        let design = &self.trial.design;
        match design.assignment {
            Assignment::Randomised => design.participants,
            Assignment::EveryArm => design.participants * self.trial.arms.len() as u64,
        }
    }
}

/// Reads a trial file with all it names, through `files`.
pub(crate) fn open(path: &str, overrides: &[Override], files: &dyn Files) -> Result<Opened> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    match open_trial(path, files, overrides, &mut sources, &mut faults) {
        Some(trial) => {
            Ok(Opened { trial, overrides: overrides.to_vec(), sources, warnings: faults })
        }
        None => Err(Error::Faulty(Faulty { sources, faults })),
    }
}

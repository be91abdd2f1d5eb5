//! A trial file, its models and its tables: read and checked.

use crate::{Error, Faulty, Result};
use proband_diag::{Faults, Files, Sources, code, did_you_mean};
use proband_trial::{Assignment, OutputLevel, Override, Trial, open_trial};

/// A trial in which nothing is wrong any more, and the texts it was read from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The trial.
    pub trial: Trial,
    /// What was laid over its file, in order.
    pub overrides: Vec<Override>,
    /// The scenarios that are run; all of them if none is named.
    pub picked: Vec<String>,
    /// The texts.
    pub sources: Sources,
    /// What is probably not what was meant.
    pub warnings: Faults,
}

impl Opened {
    /// Participants of the whole run: a twin that takes part in every arm counts once in each.
    #[must_use]
    pub fn participants(&self) -> u64 {
        let of_arms = |trial: &Trial| match trial.design.assignment {
            Assignment::Randomised => 1,
            Assignment::EveryArm => trial.arms.len() as u64,
        };
        let of = |trial: &Trial| {
            let once = trial.design.participants * of_arms(trial);
            once * u64::from(trial.simulation.replicates)
        };
        match self.scenarios().next() {
            Some(_) => self.scenarios().map(of).sum(),
            None => of(&self.trial),
        }
    }

    /// The same, of which only these scenarios are run. `base` is the trial as written.
    ///
    /// # Errors
    /// When there is no such scenario.
    pub fn only(mut self, ids: &[String]) -> Result<Self> {
        let all = &self.trial.scenarios;
        for id in ids {
            let known = || all.iter().map(|scenario| scenario.scenario.as_str());
            if !known().any(|known| known == id) {
                let message = format!("no scenario is named `{id}`");
                let help = did_you_mean(id, known()).unwrap_or_else(|| match all[..] {
                    [] => "the trial has no scenarios".to_owned(),
                    _ => format!("there are {}", known().collect::<Vec<_>>().join("; ")),
                });
                return Err(Faulty::one(code::UNKNOWN_SCENARIO, message, Some(help)).into());
            }
        }
        self.picked = ids.to_vec();
        Ok(self)
    }

    /// The scenarios of the run, in the order of the file; none where a trial is run as written.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = &Trial> {
        let picked = |scenario: &&Trial| {
            self.picked.is_empty() || self.picked.contains(&scenario.scenario)
        };
        self.trial.scenarios.iter().filter(picked)
    }

    /// The trials of the run, in order. Tables of participants are kept of the first.
    pub(crate) fn trials(&self) -> Vec<Trial> {
        let mut trials: Vec<Trial> = self.scenarios().cloned().collect();
        if trials.is_empty() {
            trials.push(self.trial.clone());
        }
        for trial in trials.iter_mut().skip(1) {
            trial.output.level = trial.output.level.min(OutputLevel::Findings);
            // Who was refused and lost is told by the disposition.
            trial.output.tables = Some(Vec::new());
        }
        trials
    }
}

/// Reads a trial file with all it names, through `files`.
pub(crate) fn open(path: &str, overrides: &[Override], files: &dyn Files) -> Result<Opened> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    match open_trial(path, files, overrides, &mut sources, &mut faults) {
        Some(trial) => {
            let (overrides, picked) = (overrides.to_vec(), Vec::new());
            Ok(Opened { trial, overrides, picked, sources, warnings: faults })
        }
        None => Err(Error::Faulty(Faulty { sources, faults })),
    }
}

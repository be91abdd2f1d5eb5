//! The trial of a run, from the copies of its inputs that the run keeps.

use crate::identity::{Identity, VERSION};
use crate::{Error, Failure, Faulty, Opened, Result, opening};
use proband_diag::{InMemory, code};
use proband_store::{self as store, InputFile, RunFolder, RunManifest, RunPlan};
use proband_trial::Override;

/// What a run says of its origin.
pub(crate) struct Origin<'r> {
    run: &'r str,
    version: &'r str,
    inputs: &'r [InputFile],
    overrides: &'r [store::Override],
    picked: &'r [String],
}

impl<'r> Origin<'r> {
    pub(crate) fn of_finished(manifest: &'r RunManifest) -> Self {
        let RunManifest { run, version, inputs, overrides, .. } = manifest;
        Self { run, version, inputs, overrides, picked: &[] }
    }

    pub(crate) fn of_planned(plan: &'r RunPlan) -> Self {
        let RunPlan { run, version, inputs, overrides, picked, .. } = plan;
        Self { run, version, inputs, overrides, picked }
    }

    /// Reads the copies in the folder of the run. What was fine then is fine now, unless version or copies
    /// have changed.
    pub(crate) fn reopen(&self, folder: &RunFolder) -> Result<Opened> {
        let mut files = InMemory::default();
        for file in self.inputs {
            let text = String::from_utf8(folder.read_file(&file.copy)?).map_err(|_| {
                let path = folder.path().join(&file.copy);
                Failure::NotOurs { path, reason: "it is not UTF-8 text".to_owned() }
            })?;
            files.0.insert(file.name.clone(), text);
        }
        let change =
            |of: &store::Override| Override { path: of.path.clone(), value: of.value.clone() };
        let overrides: Vec<Override> = self.overrides.iter().map(change).collect();
        let trial = self.inputs.first().map_or("", |file| file.name.as_str());
        let opened = opening::open(trial, &overrides, &files);
        let picked = opened.and_then(|opened| opened.only(self.picked));
        let same = |opened: &Opened| Identity::of(opened).run == self.run;
        picked.ok().filter(same).ok_or_else(|| self.another())
    }

    fn another(&self) -> Error {
        let (message, help) = if self.version == VERSION {
            let message = format!("the copies of the inputs of run {} were changed", self.run);
            (message, "run the trial again")
        } else {
            let made = self.version;
            let message =
                format!("the run was made by proband {made}, and this is proband {VERSION}");
            (message, "the same bits come from the same version only")
        };
        Faulty::one(code::COMMAND_LINE, message, Some(help.to_owned())).into()
    }
}

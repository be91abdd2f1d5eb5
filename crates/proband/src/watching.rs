//! How far a run is that others work on, and what came of it so far.

use crate::identity::Identity;
use crate::reopening::Origin;
use crate::running::{cut, prepared};
use crate::scenario::Merge;
use crate::timer;
use crate::{Error, Result, Share, Worked, manifest, summary};
use proband_analysis::Characteristic;
use proband_engine::{Unwatched, Watch};
use proband_kernel::Backend;
use proband_report::Document;
use proband_store::{ParquetSink, RunFolder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// A worker that was not heard of for so long is lost: far longer than a shard takes, and than network
/// file systems keep an old time.
const LOST: Duration = Duration::from_secs(600);

/// The rate is that of so much time.
const RECENT: Duration = Duration::from_secs(600);

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Status {
    /// The id of the run.
    pub run: String,
    /// The id of the trial.
    pub trial: String,
    /// Shards in all.
    pub shards: u32,
    /// Those that are done.
    pub done: u32,
    /// Workers that are at it.
    pub running: u32,
    /// Workers that began and were not heard of for ten minutes.
    pub lost: u32,
    /// Workers that were asked to stop.
    pub interrupted: u32,
    /// Workers that failed, by reason.
    pub failed: BTreeMap<String, u32>,
    /// Shards a minute, over the last ten; none where none was done.
    pub rate: Option<f64>,
    /// Seconds that are left at this rate.
    pub seconds_left: Option<f64>,
    /// Whether it is merged.
    pub finished: bool,
}

/// What a worker says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    share: Share,
    host: String,
    process: u32,
    shards: u32,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Running,
    Done,
    Interrupted,
    Failed(String),
}

/// Passes on what a worker is told, and keeps its note fresh.
pub(crate) struct Noted<'r> {
    folder: &'r RunFolder,
    worker: &'r str,
    note: Note,
    shards: AtomicU32,
    watch: &'r dyn Watch,
}

impl<'r> Noted<'r> {
    pub(crate) fn begin(
        folder: &'r RunFolder,
        worker: &'r str,
        share: Share,
        watch: &'r dyn Watch,
    ) -> Result<Self> {
        let note = Note {
            share,
            host: host(),
            process: std::process::id(),
            shards: 0,
            state: State::Running,
        };
        folder.write_worker(worker, &note)?;
        Ok(Self { folder, worker, note, shards: AtomicU32::new(0), watch })
    }

    /// Notes how it ended. What cannot be noted is lost with the note alone.
    pub(crate) fn end(self, worked: &Result<Worked>) {
        let state = match worked {
            Ok(Worked { interrupted: true, .. }) => State::Interrupted,
            Ok(_) => State::Done,
            Err(error) => State::Failed(reason(error)),
        };
        let shards = self.shards.into_inner();
        let _ = self.folder.write_worker(self.worker, &Note { shards, state, ..self.note });
    }
}

impl Watch for Noted<'_> {
    fn shard_done(&self, participants: u64) {
        self.shards.fetch_add(1, Ordering::Relaxed);
        let _ = self.folder.touch_worker(self.worker, timer::now_by_the_calendar());
        self.watch.shard_done(participants);
    }

    fn stop(&self) -> bool {
        self.watch.stop()
    }
}

/// The name of this machine, where the system tells it in a file.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname");
    told.map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// Why it failed, without the names of files, so that equal reasons are one.
fn reason(error: &Error) -> String {
    let told = error.to_string();
    let mut parts: Vec<&str> = told.split('`').collect();
    parts.iter_mut().skip(1).step_by(2).for_each(|name| *name = "...");
    parts.join("`")
}

/// How far a run is.
pub(crate) fn status(path: &Path) -> Result<Status> {
    if let Some(manifest) = RunFolder::at(path, "").manifest()? {
        let (run, trial) = (manifest.run, manifest.trial);
        return Ok(Status { run, trial, finished: true, ..Status::default() });
    }
    let (folder, planned) = RunFolder::planned(path)?;
    let now = timer::now_by_the_calendar();
    let done = folder.done_at(planned.shards());
    let rate = rate(&done, now);
    let (shards, done) = (planned.shards().count() as u32, done.len() as u32);
    let mut status = Status {
        run: planned.run.clone(),
        trial: planned.trial.clone(),
        shards,
        done,
        rate,
        seconds_left: rate.map(|rate| 60.0 * f64::from(shards - done) / rate),
        ..Status::default()
    };
    for (note, seen) in folder.workers::<Note>()? {
        status.count(note, age(seen, now));
    }
    Ok(status)
}

impl Status {
    fn count(&mut self, note: Note, age: Duration) {
        match note.state {
            State::Running if age < LOST => self.running += 1,
            State::Running => self.lost += 1,
            State::Interrupted => self.interrupted += 1,
            State::Failed(reason) => *self.failed.entry(reason).or_default() += 1,
            State::Done => {}
        }
    }
}

fn age(then: SystemTime, now: SystemTime) -> Duration {
    // Machines do not quite agree on the time.
    now.duration_since(then).unwrap_or_default()
}

/// Shards a minute, since the first of the recent ones.
fn rate(done: &[(u32, SystemTime)], now: SystemTime) -> Option<f64> {
    let ages = done.iter().map(|(_, at)| age(*at, now)).filter(|age| *age < RECENT);
    let recent: Vec<Duration> = ages.collect();
    let since = recent.iter().max()?.as_secs_f64();
    (since > 0.0).then(|| 60.0 * recent.len() as f64 / since)
}

/// What came of the shards that are done so far: the summary of a run that had no others. Nothing where
/// none is done.
pub(crate) fn interim(path: &Path, backend: Backend) -> Result<Option<Document>> {
    let (folder, planned) = RunFolder::planned(path)?;
    let opened = Origin::of_planned(&planned).reopen(&folder)?;
    let identity = Identity::of(&opened);
    let done: BTreeSet<u32> =
        folder.done_at(planned.shards()).into_iter().map(|(shard, _)| shard).collect();
    if done.is_empty() {
        return Ok(None);
    }
    let sink = ParquetSink::join(folder, identity.provenance());
    let trials = opened.trials();
    let plans = prepared(&trials, backend)?;
    let (cut, watch) = (cut(backend), &Unwatched);
    let merge = Merge { sink: &sink, planned: &planned, plans: &plans, cut, watch };
    let mut scenarios = merge.interim(&done)?;
    let operating: Vec<Characteristic> =
        scenarios.iter_mut().flat_map(|of| std::mem::take(&mut of.operating)).collect();
    let mut first = scenarios.swap_remove(0);
    let findings = std::mem::take(&mut first.findings);
    let manifest = manifest::manifest(&opened, &identity, first, Vec::new());
    Ok(Some(summary::document(&manifest, &findings, &operating)))
}

//! `plan.json`: what a run is made from, and how its work is cut into shards.

use crate::manifest::{InputFile, Override};
use proband_engine::Enrolment;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The plan of a run. It is written once, before the first shard, and depends on the inputs alone: whoever
/// works on the run, on whatever machine, does the same shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The version of this file's form; 1.
    pub form: u32,
    /// The id of the run.
    pub run: String,
    /// The id of the trial.
    pub trial: String,
    /// The version of proband.
    pub version: String,
    /// The root of every draw.
    pub seed: u64,
    /// The files the run is made from, with copies beside the plan.
    pub inputs: Vec<InputFile>,
    /// What is laid over the trial file, in order.
    pub overrides: Vec<Override>,
    /// The scenarios that are run; all of them if none is named.
    pub picked: Vec<String>,
    /// The trials of the run, in order.
    pub parts: Vec<Part>,
}

/// One trial of a run, as written or as a scenario makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The scenario; empty for a trial as it is written.
    pub scenario: String,
    /// The number of its first shard.
    pub first: u32,
    /// How many shards there are to simulate.
    pub shards: u32,
    /// Who is enrolled; nothing where the trial is repeated, and each repetition enrols.
    pub enrolment: Option<Enrolment>,
}

impl RunPlan {
    /// The numbers of the shards to simulate. Between those of two parts one may be left out.
    pub fn shards(&self) -> impl Iterator<Item = u32> {
        self.parts.iter().flat_map(Part::shards)
    }

    /// The number behind those of all parts: that of the operating characteristics.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.parts.last().map_or(0, Part::end)
    }
}

impl Part {
    /// The numbers of its shards.
    #[must_use]
    pub fn shards(&self) -> Range<u32> {
        self.first..self.first + self.shards
    }

    /// The number behind its own: the findings of participants stand as a shard of their own behind
    /// theirs, where repetitions bring their findings along.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.shards().end + u32::from(self.enrolment.is_some())
    }
}

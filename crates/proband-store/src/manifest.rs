//! `run.json` and `timings.json`: what a run was made of, and how long it took.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `run.json`. Everything in it belongs to the identity of the run: the same inputs give the same
/// bytes, on any machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunManifest {
    /// The version of this file's form; 1.
    pub form: u32,
    /// The id of the run.
    pub run: String,
    /// The id of the trial.
    pub trial: String,
    /// The title of the trial.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// What else the trial says of itself: phase, indication, registry, source.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub about: BTreeMap<String, String>,
    /// The titles of the arms, in order.
    pub arms: Vec<String>,
    /// The version of proband.
    pub version: String,
    /// The root of every draw.
    pub seed: u64,
    /// How often the trial was repeated.
    pub replicates: u32,
    /// The scenarios that were run, by their ids, if there are some.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub scenarios: Vec<String>,
    /// Which tables are kept: the word of `output.level`.
    pub level: String,
    /// The files the run was made from.
    pub inputs: Vec<InputFile>,
    /// What was laid over the trial file, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub overrides: Vec<Override>,
    /// What the trial file did not say, by path, and the value that was used.
    pub defaults: BTreeMap<String, String>,
    /// The solver of each arm, by the arm's id.
    pub methods: BTreeMap<String, String>,
    /// How many twins and participants: `screened`, `enrolled`, `failed`, ...
    pub counts: BTreeMap<String, u64>,
    /// Twins passed over, refused or lost.
    pub exclusions: Vec<ExclusionCount>,
    /// The tables beside this file.
    pub tables: Vec<TableFile>,
}

/// A value laid over the trial file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The path in the trial file.
    pub path: String,
    /// The value, in TOML.
    pub value: String,
}

/// A file that a run was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Its name as the trial writes it.
    pub name: String,
    /// Where the run keeps a copy, in its folder.
    pub copy: String,
    /// The hash of its content.
    pub blake3: String,
}

/// How many twins were excluded for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionCount {
    /// `population`, `screening` or `simulation`.
    pub stage: String,
    /// The limit, criterion or cause.
    pub reason: String,
    /// The title of the arm, of participants.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub arm: Option<String>,
    /// The number of twins.
    pub count: u64,
}

/// A table of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Its name; the file adds `.parquet`.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// The size of the file.
    pub bytes: u64,
    /// The hash of its content.
    pub blake3: String,
}

/// `timings.json`: what differs from one execution to the next, and so is no part of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// The number of threads.
    pub threads: usize,
    /// The vector instructions that were used.
    pub back_end: String,
    /// Seconds by phase, in order.
    pub seconds: Vec<(String, f64)>,
    /// Steps that the solver took, that it took again, and twins it gave up, in this execution.
    pub solver: BTreeMap<String, u64>,
}

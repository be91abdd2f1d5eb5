//! Enrols twins, runs the arms in parallel, emits records.
//!
//! A [`Plan`] is a checked trial made ready to run. [`enrol`] draws and screens twins until enough are
//! eligible, and cuts them into shards. [`simulate`] takes each shard through its arms, on all cores,
//! and hands its rows and its participants' columns to a [`Sink`](tables::Sink). Nothing here
//! depends on the number of threads, on the order in which shards are done, or on a clock.

mod adverse;
mod allocation;
mod calendar;
mod conduct;
mod disposition;
mod draws;
mod emit;
mod enrolment;
mod intake;
mod knowledge;
mod looks;
mod minimisation;
mod outcome;
mod periods;
mod plan;
mod repeat;
mod replay;
mod run;
mod schedule;
mod screening;
mod seen;
mod shard;
pub mod tables;
mod truths;
mod watch;
mod worked;

pub use proband_cohort::TwinKey;

pub use emit::{add_characteristics, add_findings};
pub use enrolment::{EnrolError, Enrolment, enrol, enrol_repetition};
pub use plan::{ChosenMethod, Cut, Plan, PlanError};
pub use repeat::{characterise, repeat};
pub use replay::{
    Replay, ReplayDose, ReplayError, ReplayEvent, ReplayRecord, Trajectory, replay,
};
pub use run::{RunError, Work, simulate};
pub use truths::{TruthError, true_effects, truth_participants};
pub use watch::{Unwatched, Watch};

//! Array jobs of schedulers: which task this is and what it may use, how many tasks are worth it, and the
//! scripts that schedulers take. Pure functions; nothing here runs anything.

mod environment;
mod job;
mod kubernetes;
mod quoting;
mod slurm;
mod tasks;

pub use environment::{Environment, Place};
pub use job::Job;
pub use kubernetes::Kubernetes;
pub use quoting::ranges;
pub use slurm::{Slurm, is_plain};
pub use tasks::{Cost, Limits, tasks, time_limit};

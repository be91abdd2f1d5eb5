//! The reference workloads as production takes them: model file to system, system to field, and a
//! host that gives the doses and keeps the samples.
//!
//! `README.md` says how to run them, and what the numbers are.

mod exact;
mod people;
mod run;
mod workload;

pub use people::{Patients, error};
pub use run::{Outcome, Run};
pub use workload::{ALL, Doses, Dosing, Workload};

//! Batches of lanes through time: steppers, error control, events, dense output.
//!
//! A [`Field`] says how states move, a [`Host`] says what happens to whom and when. Several twins
//! advance together, each in its lane, each with a time, a step size and errors of its own:
//! nothing that happens to a lane depends on its neighbours, so a twin's trajectory has the same
//! bits at any number of lanes, at any vector width and in any company.
//!
//! This crate knows no doses, visits or trials. What is planned reaches it as *stops* (landed on
//! exactly, states may change there), *samples* (read off between steps, changing nothing) and
//! *guards* (conditions whose changes of truth are located).

mod choose;
mod clock;
#[cfg(test)]
mod convergence;
mod field;
mod guards;
mod host;
mod integrate;
mod lu;
mod rodas5p;
mod rows;
mod settings;
mod start;
mod stepper;
mod tsit5;
mod workspace;

pub use choose::{Choice, Trial, choose};
pub use field::{Effort, Field, Sparsity};
pub use host::{Crossing, Failure, Host, LaneState, Next, Plan, Reason, Samples, Start};
pub use integrate::integrate;
pub use settings::{Method, Settings, Statistics};
pub use workspace::Workspace;

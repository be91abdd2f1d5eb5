//! Batches of lanes through time: steppers, error control, events, dense output.
//!
//! A [`Field`] says how states move, a [`Host`] says what happens to whom and when, and
//! [`integrate`] takes the host's twins through the field: several at once, each in its lane, each
//! with a time, a step size and errors of its own. Nothing that happens to a lane depends on its
//! neighbours, so a twin's path has the same bits at any number of lanes, at any vector width and
//! in any company.
//!
//! This crate knows no doses, visits or trials. What is planned reaches it as *stops* (landed on
//! exactly, states may change there), *samples* (read off between steps, changing nothing) and
//! *guards* (conditions whose changes of truth are located). [`choose`] finds out which method
//! takes a system's twins through at the least cost. [`Compiled`] makes a field of a system that
//! `proband-kernel` has compiled.
//!
//! # Decay, topped up at time 2
//!
//! ```
//! use proband_ode::*;
//!
//! /// y' = -y in every lane.
//! struct Decay;
//!
//! impl Field for Decay {
//!     fn states(&self) -> usize {
//!         1
//!     }
//!
//!     fn rates(&mut self, _: &[f64], y: &[f64], dy: &mut [f64]) {
//!         dy.iter_mut().zip(y).for_each(|(dy, y)| *dy = -y);
//!     }
//! }
//!
//! /// When the twin is looked at, and then no more.
//! const LOOKS: [f64; 3] = [1.0, 3.0, f64::INFINITY];
//!
//! /// One twin that starts at 1 and gets 1 more at time 2.
//! #[derive(Default)]
//! struct Trial {
//!     loaded: bool,
//!     looks: usize,
//!     seen: Vec<(f64, f64)>,
//! }
//!
//! impl Host<Decay> for Trial {
//!     fn load(&mut self, _: &mut Decay, _: usize, mut y: LaneState<'_>) -> Option<Start> {
//!         if std::mem::replace(&mut self.loaded, true) {
//!             return None;
//!         }
//!         y.set(0, 1.0);
//!         Some(Start { t: 0.0, plan: Plan { stop: 2.0, sample: LOOKS[0] } })
//!     }
//!
//!     fn next_sample(&mut self, _: usize) -> f64 {
//!         self.looks += 1;
//!         LOOKS[self.looks]
//!     }
//!
//!     fn samples(&mut self, _: &mut Decay, samples: &Samples<'_>) {
//!         self.seen.push((samples.t[0], samples.y[0]));
//!     }
//!
//!     fn stop(&mut self, _: &mut Decay, _: usize, t: f64, mut y: LaneState<'_>) -> Next {
//!         if t >= 4.0 {
//!             return Next::Finished;
//!         }
//!         y.set(0, y.get(0) + 1.0);
//!         Next::Afresh(Plan { stop: 4.0, sample: LOOKS[self.looks] })
//!     }
//!
//!     fn crossing(
//!         &mut self, _: &mut Decay, _: usize, _: Crossing, _: f64, _: LaneState<'_>,
//!     ) -> Next {
//!         unreachable!("no guards")
//!     }
//!
//!     fn fail(&mut self, _: &mut Decay, _: usize, t: f64, failure: Failure, _: LaneState<'_>) {
//!         panic!("{failure:?} at {t}")
//!     }
//! }
//!
//! let settings = Settings {
//!     method: Method::Tsit5,
//!     relative: 1e-8,
//!     absolute: vec![1e-10],
//!     longest_step: f64::INFINITY,
//!     most_steps: 10_000,
//!     lanes: 1,
//! };
//! let mut trial = Trial::default();
//! integrate(&mut Decay, &mut trial, &settings, &mut Workspace::new());
//! let exact = [proband_math::exp(-1.0), proband_math::exp(-3.0) + proband_math::exp(-1.0)];
//! assert_eq!(trial.seen.len(), 2);
//! for ((_, seen), exact) in trial.seen.iter().zip(exact) {
//!     assert!((seen - exact).abs() < 1e-8);
//! }
//! ```

mod choose;
mod clock;
mod compiled;
#[cfg(test)]
mod convergence;
mod exponential;
mod field;
mod guards;
mod host;
mod integrate;
mod lines;
mod lockstep;
mod lu;
mod number;
mod rodas5p;
mod rows;
mod settings;
mod start;
mod stepper;
mod tsit5;
mod whole;
mod workspace;

pub use choose::{Choice, Trial, choose};
pub use compiled::Compiled;
pub use field::{Effort, Field, Sparsity};
pub use host::{Crossing, Failure, Host, LaneState, Next, Plan, Reason, Samples, Start};
pub use integrate::integrate;
pub use lockstep::{Lockstep, Sample, Stop};
pub use rows::lanes_of;
pub use settings::{Method, Settings, Statistics};
pub use whole::WholeStep;
pub use workspace::Workspace;

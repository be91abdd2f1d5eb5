//! What is believed after data: proportions, means and hazards with conjugate priors, historical controls, and
//! predictions of a trial's end.
//!
//! Every probability is exact or a quadrature, so that it is the same on every run.

mod beta;
mod borrowing;
mod gamma;
mod mixture;
mod normal;

pub use beta::{Beta, PredictiveRule, thompson_share};
pub use borrowing::{HistoricalEffects, power_prior};
pub use gamma::Gamma;
pub use mixture::{Belief, Mixture};
pub use normal::Normal;

//! Values that are missing: imputed once, many times, by reference, or weighted around.
//!
//! Multiple imputation in three steps: [`Incomplete::fit`] and, for each imputation,
//! [`Incomplete::fit_bootstrapped`] draw the parameters; [`ImputationFit::drawn`] completes the responses
//! under a [`Strategy`]; the completed data are analysed as if nothing were missing, and [`pool`] puts the
//! results together. The deterministic road, [`ImputationFit::conditional_means`] with [`jackknife`],
//! has no random draws. Random draws come from addresses that the caller gives.

mod carried;
mod imputation;
mod jackknife;
mod pooling;
mod strategy;
mod weighting;

pub use carried::{Carried, carry};
pub use imputation::{ImputationFit, Incomplete, delta_adjusted};
pub use jackknife::jackknife;
pub use pooling::{CompleteDf, Pooled, pool};
pub use strategy::Strategy;
pub use weighting::{inverse_probability_weights, weighted_difference};

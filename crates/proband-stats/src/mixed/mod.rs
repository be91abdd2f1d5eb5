//! Linear models whose rows are correlated within participants: repeated measures, random intercepts
//! and slopes, crossover trials. Fitted by restricted maximum likelihood.
//!
//! ```
//! use proband_stats::Level;
//! use proband_stats::mixed::{Covariance, Inference, RepeatedMeasures, mmrm};
//!
//! // Two visits of six participants; columns are arm, second visit, and arm at the second visit.
//! let response = [1.0, 2.1, 0.8, 1.9, 1.4, 2.2, 1.1, 3.4, 0.9, 3.1, 1.3, 3.9];
//! let visit = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
//! let participant = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5];
//! let arm: Vec<f64> = participant.iter().map(|&p| if p > 2 { 1.0 } else { 0.0 }).collect();
//! let second: Vec<f64> = visit.iter().map(|&v| v as f64).collect();
//! let both: Vec<f64> = arm.iter().zip(&second).map(|(a, s)| a * s).collect();
//! let data = RepeatedMeasures {
//!     response: &response,
//!     columns: &[&arm, &second, &both],
//!     participant: &participant,
//!     visit: &visit,
//!     visits: 2,
//! };
//! let fit = mmrm(&data, Covariance::Unstructured)?.fit;
//! // Active less control at the second visit.
//! let effect = fit.contrast(&[0.0, 1.0, 0.0, 1.0], Inference::KenwardRogerLinear, Level::P95)?;
//! assert!((effect.estimate.value - 1.4).abs() < 1e-9);
//! # Ok::<(), proband_stats::StatsError>(())
//! ```

mod clusters;
mod crossover;
mod dual;
mod fit;
mod inference;
mod random;
mod reml;
mod repeated;
mod structure;

pub use crossover::{Crossover, CrossoverPeriods, crossover};
pub use fit::MixedFit;
pub use inference::Inference;
pub use random::{RandomEffects, RandomFit, random_effects};
pub use reml::Likelihood;
pub use repeated::{MmrmFit, RepeatedMeasures, mmrm};
pub use structure::Covariance;

pub(crate) use repeated::mmrm_from;

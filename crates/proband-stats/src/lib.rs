//! Estimates, intervals and tests: functions on slices.
//!
//! Every function takes plain slices, gives the formula and where it comes from, and returns a
//! value or a [`StatsError`] that names the cause: never a panic, never a silent NaN. Only
//! [`descriptive`] knows missing values (NaN); everything else refuses them, because how to treat
//! them is a question about a trial, not about a formula.
//!
//! Sums run in a fixed order and transcendental functions are plain Rust, so that the same input
//! gives the same bits. What must be added up in pieces ([`descriptive::Moments`],
//! [`linear::CrossProducts`], [`ancova::AncovaSums`]) has a `merge` whose result depends on the
//! pieces and their order alone.
//!
//! ```
//! use proband_stats::{Level, t_tests};
//!
//! let difference = t_tests::welch(&[5.1, 4.9, 6.2, 5.8], &[4.1, 4.4, 3.9, 4.6], Level::P95)?;
//! assert!((difference.estimate.value - 1.25).abs() < 1e-12);
//! assert!(difference.p < 0.02);
//! # Ok::<(), proband_stats::StatsError>(())
//! ```

#![expect(
    clippy::doc_markdown,
    reason = "formulas are written with subscripts, names of people as they are"
)]

pub mod ancova;
pub mod bayes;
pub mod binary;
pub mod competing;
pub mod contingency;
pub mod counts;
pub mod descriptive;
pub mod design;
pub mod dose_finding;
pub mod gee;
pub mod heterogeneity;
pub mod lifetimes;
pub mod linear;
pub mod missing;
pub mod mixed;
pub mod model_matrix;
pub mod multiplicity;
pub mod prognostic;
pub mod rank;
pub mod recurrent;
pub mod regression;
pub mod response_adaptive;
pub mod sequential;
pub mod survival;
pub mod t_tests;
pub mod win_ratio;

mod checks;
mod error;
mod estimate;
mod order;
mod special;

pub use error::{Result, StatsError};
pub use estimate::{
    ChiSquareTest, Continuity, Effect, Estimate, FTest, Interval, Level, RatioEffect,
    Reference, ZTest,
};

//! Trials that look at their results before the end: group sequential boundaries, conditional and
//! predictive power, estimates after stopping, and combination tests for adaptive designs.
//!
//! Everything is on the scale of Z at a share t of the information, normal with mean drift sqrt(t)
//! and variance 1 with independent increments of Z sqrt(t): means, proportions and log-rank tests
//! alike (C. Jennison & B. Turnbull, *Group Sequential Methods with Applications to Clinical Trials*,
//! 2000, ch. 3). The drift is the effect times the square root of the information at the end.

mod adaptive_means;
mod adjusted;
mod combination;
mod design;
mod interim;
mod plan;
mod spending;
mod walk;

pub use adaptive_means::{FinalMeans, StageMeans};
pub use adjusted::AdjustedEstimate;
pub use combination::{
    bauer_koehne_critical, bauer_koehne_first_stage, fisher_boundaries, fisher_combination,
    inverse_normal,
};
pub use design::{Exits, GroupSequentialDesign};
pub use interim::{Interim, NormalPrior};
pub use plan::{Efficacy, Futility, GroupSequentialPlan, Sides};
pub use spending::Spending;

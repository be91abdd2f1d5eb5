//! Parametric models of times to an event.

mod gompertz;
mod location_scale;

pub use gompertz::{GompertzFit, gompertz};
pub use location_scale::{Lifetime, LifetimeFit, lifetime_regression};

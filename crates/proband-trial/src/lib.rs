//! Trial files to checked trials, all faults at once.
//!
//! `open_trial` (in the making) reads a trial file and the models and tables it names, and gives a
//! [`Trial`] in which nothing can be wrong any more, or all faults with their places. It knows
//! nothing of how a trial is simulated.

mod quantity;
mod trial;

pub use quantity::{Expression, Happening, Quantity, Summary};
pub use trial::*;

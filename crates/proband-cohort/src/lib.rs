//! A population and a seed to columns of twins.
//!
//! A [`Specification`] says what the covariates of a population are; [`Population::new`] checks it,
//! all faults at once. This crate knows no arms and no TOML.

mod copula;
mod error;
mod order;
mod population;
mod specification;

pub use error::{Fault, Given, Place, PopulationError};
pub use order::{Order, order};
pub use population::Population;
pub use specification::{
    Correlation, Covariate, Law, Limit, Marginal, PeopleDraw, PeopleFile, Specification,
};

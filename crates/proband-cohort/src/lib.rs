//! A population and a seed to columns of twins.
//!
//! A [`Specification`] says what the covariates of a population are; [`Population::new`] checks it,
//! all faults at once. This crate knows no arms and no TOML.

mod cohort;
mod columns;
mod copula;
mod deviates;
mod error;
mod expression;
mod order;
mod people;
mod population;
mod score;
mod specification;
mod twins;

pub use cohort::{Cohort, DrawError};
pub use columns::Columns;
pub use deviates::{DeviateColumns, Deviates};
pub use error::{Fault, Given, Place, PopulationError};
pub use order::{Order, order};
pub use people::{PeopleError, PeopleTable};
pub use population::Population;
pub use specification::{
    Correlation, Covariate, Law, Limit, Marginal, PeopleDraw, PeopleFile, Specification,
};
pub use twins::Twins;

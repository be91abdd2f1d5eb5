//! Trial files to checked trials, all faults at once.
//!
//! [`open_trial`] reads a trial file and the models and tables it names, and gives a [`Trial`] in
//! which nothing can be wrong any more, or all faults with their places. It knows nothing of how a
//! trial is simulated.

mod csv;
mod expression;
mod files;
mod keys;
mod open;
mod overlay;
mod plan;
mod quantity;
mod read;
mod reading;
mod scenarios;
mod tables;
mod timeline;
mod toml;
mod trial;
mod values;
mod words;

pub use keys::{format_tables, is_distribution};
pub use open::{Override, open_trial};
pub use plan::{
    Holds, Offered, OfferedArm, OfferedCovariate, OfferedEvent, OfferedObservable, OfferedTime,
    OfferedVisit, Plan, TableOptions, word_of,
};
pub use quantity::{Expression, Happening, Prediction, Quantity, Summary};
pub use trial::*;

/// A commented trial to start from, which runs as it stands.
pub const STARTER: &str = include_str!("starter.toml");

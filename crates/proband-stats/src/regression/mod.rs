//! Generalised linear models by Fisher scoring.

mod design;
mod irls;
mod logistic;
mod newton;

pub use design::Regressor;
pub use logistic::{LogisticFit, logistic, logistic_with};

pub(crate) use design::Standardised;
pub(crate) use irls::{Family, Scored, fit};
pub(crate) use newton::{Local, Maximum, maximise};

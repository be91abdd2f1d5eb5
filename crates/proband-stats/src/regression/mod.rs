//! Generalised linear models by Fisher scoring.

mod design;
mod firth;
mod irls;
mod logistic;
mod marginal;
mod newton;
mod profile;
mod robust;

pub use design::Regressor;
pub use firth::{FirthFit, firth_logistic, firth_profile_interval, firth_profile_test};
pub use logistic::{LogisticFit, logistic, logistic_with};
pub use marginal::{Counterfactuals, MarginalRisks, MarginalVariance, marginal_risks};
pub use profile::{likelihood_ratio, profile_interval};

pub(crate) use design::{Standardised, counted_without_intercept};
pub(crate) use irls::{Family, Scored, evaluate, fit, predictor, scores};
pub(crate) use newton::{Local, Maximum, maximise};
pub(crate) use robust::sandwich;

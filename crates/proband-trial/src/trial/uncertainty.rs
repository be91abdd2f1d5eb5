//! What is not known of a model's parameters.

use proband_cohort::Population;

/// Typical values of a model that are drawn once a repetition of the trial, apart from what differs
/// between twins.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// Their joint law: a population whose covariates are the parameters, with one twin a repetition.
    pub law: Population,
    /// For each of its covariates the position of the parameter in the model.
    pub parameters: Vec<usize>,
    /// For each, by what to multiply its value to get it in the unit of the typical value.
    pub factors: Vec<f64>,
}
